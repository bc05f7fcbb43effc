"""Stock Rasa 3.6, to compare with: its default configuration, learnt from this project's examples.

A project is written into a folder and trained there, in the bot's own environment. Every intent is
answered by one custom action, ``action_answer``. On two cores an epoch of its training takes 50 s,
and by default there are a hundred.
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import yaml

ROOT = Path(__file__).resolve().parents[1]
PYTHON: Final = ROOT / "bot/.venv/bin/python"
ACTION: Final = "action_answer"

# What Rasa puts into a new project's config.yml that leaves pipeline and policies open.
# Source: rasa 3.6.21, rasa/engine/recipes/config_files/default_config.yml
EPOCHS: Final = 100
PIPELINE: Final[list[dict[str, Any]]] = [
    {"name": "WhitespaceTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
    {"name": "DIETClassifier", "epochs": EPOCHS, "constrain_similarities": True},
    {"name": "EntitySynonymMapper"},
    {"name": "ResponseSelector", "epochs": EPOCHS, "constrain_similarities": True},
    {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
]
POLICIES: Final[list[dict[str, Any]]] = [
    {"name": "MemoizationPolicy"},
    {"name": "RulePolicy"},
    {"name": "UnexpecTEDIntentPolicy", "max_history": 5, "epochs": EPOCHS},
    {"name": "TEDPolicy", "max_history": 5, "epochs": EPOCHS, "constrain_similarities": True},
]


def write(folder: Path, *, action_url: str, epochs: int = EPOCHS) -> None:
    """Write the project: configuration, domain, examples, one story for each intent.

    Args:
        folder: Is made; must not hold a project yet.
        action_url: Where ``action_answer`` is run, as Rasa's ``action_endpoint``.
        epochs: How often the learning components go through the examples. Fewer make a model that
            is wrong more often and exactly as fast, which will do to time turns.
    """
    intents = yaml.safe_load((ROOT / "bot/domain/intents.yml").read_text("utf-8"))["intents"]
    intents = [intent for intent in intents if intent != "nlu_fallback"]
    slots = yaml.safe_load((ROOT / "bot/domain/entities_slots.yml").read_text("utf-8"))
    stories = [
        {"story": intent, "steps": [{"intent": intent}, {"action": ACTION}]} for intent in intents
    ]
    # However little was learnt, the action is run: with so few epochs TED may see no way to go on.
    rules = [
        {"rule": intent, "steps": [{"intent": intent}, {"action": ACTION}]}
        for intent in (*intents, "nlu_fallback")
    ]
    files = {
        "config.yml": {
            "recipe": "default.v1",
            "assistant_id": "stock",
            "language": "en",
            "pipeline": with_epochs(PIPELINE, epochs),
            "policies": with_epochs(POLICIES, epochs),
        },
        "domain.yml": {
            "version": "3.1",
            "intents": [*intents, "nlu_fallback"],
            "entities": slots["entities"],
            "actions": [ACTION],
        },
        "stories.yml": {"version": "3.1", "stories": stories, "rules": rules},
        "endpoints.yml": {"action_endpoint": {"url": action_url}},
        "credentials.yml": {"rest": None},
    }
    shutil.copytree(ROOT / "bot/data/nlu", folder / "nlu")
    for name, content in files.items():
        (folder / name).write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")


def with_epochs(components: list[dict[str, Any]], epochs: int) -> list[dict[str, Any]]:
    """Those components, the ones that learn in epochs with this many."""
    return [{**one, "epochs": epochs} if "epochs" in one else one for one in components]


def train(folder: Path) -> Path:
    """Train what ``write`` wrote; gives the model's file.

    Raises:
        subprocess.CalledProcessError: Rasa could not; it has said why on standard error.
    """
    command = ["train", "--config", "config.yml", "--domain", "domain.yml"]
    command += ["--data", "nlu", "stories.yml", "--out", "models", "--fixed-model-name", "stock"]
    subprocess.run(
        [PYTHON, "-m", "rasa", *command],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return folder / "models/stock.tar.gz"


def trained(folder: Path, kept: Path) -> Path:
    """The model of what ``write`` wrote, trained now or kept from when the same was trained.

    Args:
        kept: Where models are kept, by what they were trained on; is made.
    """
    said = sorted(path for path in folder.rglob("*.yml") if path.name != "endpoints.yml")
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in said)).hexdigest()[:16]
    model = kept / f"stock-{digest}.tar.gz"
    if not model.exists():
        kept.mkdir(parents=True, exist_ok=True)
        train(folder).replace(model)
    return model


def serving(folder: Path, port: int) -> list[str | Path]:
    """The command that serves the trained model's REST channel; run it in the folder."""
    return [PYTHON, "-m", "rasa", "run", "--model", folder / "models/stock.tar.gz",
            "--endpoints", "endpoints.yml", "--credentials", "credentials.yml",
            "--interface", "127.0.0.1", "--port", str(port)]  # fmt: skip


def environment() -> dict[str, str]:
    """This process's environment, with Rasa kept from calling home."""
    return {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
