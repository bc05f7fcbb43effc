"""What must be there before anything runs: the bot's environment and its trained model."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from kit.errors import Misconfigured
from service.cli.held import in_turn
from service.cli.steps import run_tool
from service.settings import ROOT

BOT = ROOT / "bot"
BOT_PYTHON = BOT / ".venv" / "bin" / "python"
BOT_LOCK = BOT / "requirements.lock"
INSTALLED = "installed.lock"
"""A copy of the lock that an environment was made from lies in it, written last."""

# What a trained model depends on: what Rasa reads, and what its components import from us.
LEARNT_FROM = (
    "bot/config.yml",
    "bot/domain",
    "bot/data",
    "bot/components",
    "bot/train.py",
    "bot/requirements.lock",
    "kit/bert_graph.py",
    "kit/embedding.py",
    "kit/spelling.py",
    "tracking_lookup/detect.py",
    "tracking_lookup/formats",
)
MODELS_KEPT = 2


def uv() -> str:
    """The ``uv`` to use: the launcher's, or the one on PATH.

    Raises:
        Misconfigured: There is none, which happens only where the launcher was not used.
    """
    found = shutil.which(str(ROOT / ".tools" / "bin" / "uv")) or shutil.which("uv")
    if found is None:
        raise Misconfigured("uv is missing: run this by ./wismo, which brings it")
    return found


def bot_is_set_up() -> bool:
    """Whether the bot's environment holds exactly what its lock names."""
    copy = BOT_PYTHON.parent.parent / INSTALLED
    return BOT_PYTHON.exists() and copy.exists() and copy.read_bytes() == BOT_LOCK.read_bytes()


async def set_up_bot(var: Path) -> None:
    """Make the bot's environment, unless it is as its lock says.

    Raises:
        Refused: uv failed, for want of a network or of Python 3.10; the message names the log.
    """
    if bot_is_set_up():
        return
    async with in_turn(var / "setup.turn"):
        if bot_is_set_up():  # by another process, while this one waited
            return
        venv = BOT / ".venv"
        # A clone's own Python is chosen by ``bot/.python-version``, not by the person's shell.
        env = {
            name: value
            for name, value in os.environ.items()
            if name not in {"VIRTUAL_ENV", "PYENV_VERSION", "PYTHONPATH", "PYTHONHOME"}
        }
        if not BOT_PYTHON.exists():
            await run_tool(
                "Finding or bringing Python 3.10 for the bot",
                [uv(), "venv", "--clear", "--relocatable", "--python", "3.10", ".venv"],
                log=var / "log" / "setup-python.log",
                cwd=BOT,
                env=env,
            )
        (venv / INSTALLED).unlink(missing_ok=True)
        await run_tool(
            "Installing the bot's packages (2.5 GB, once)",
            [uv(), "pip", "sync", "--require-hashes", "--python", BOT_PYTHON, BOT_LOCK],
            log=var / "log" / "setup-packages.log",
            cwd=BOT,
            env=env,
        )
        part = venv / f"{INSTALLED}.part"
        shutil.copy(BOT_LOCK, part)
        part.rename(venv / INSTALLED)


async def compile_locks(var: Path) -> None:
    """Compile the three locks from their ``pyproject.toml``, naming no machine and no registry.

    Raises:
        Refused: The requirements contradict each other, or there is no network.
    """
    log = var / "log" / "lock.log"
    options = ("--generate-hashes", "--no-emit-index-url", "--quiet")
    service = ("--universal", "--python-version", "3.11")
    for name, folder, more in (
        ("requirements.lock", ROOT, service),
        ("tests/requirements.lock", ROOT, (*service, "--group", "test")),
        ("requirements.lock", BOT, ("--python-version", "3.10")),
    ):
        await run_tool(
            f"Compiling {(folder / name).relative_to(ROOT)}",
            [uv(), "pip", "compile", *options, *more, "pyproject.toml", "-o", name],
            log=log,
            cwd=folder,
        )


def model_path(var: Path) -> Path:
    """Where the model of the bot's present data lies, or will lie."""
    digest = hashlib.sha256()
    for path in _learnt_from():
        content = path.read_bytes()
        name = path.relative_to(ROOT).as_posix()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return var / "models" / f"{digest.hexdigest()[:16]}.tar.gz"


async def train(var: Path) -> Path:
    """The model of the bot's present data, trained unless it is there.

    Raises:
        Refused: The training failed; the message names the log.
    """
    model = model_path(var)
    if not model.exists():
        async with in_turn(var / "setup.turn"):
            if not model.exists():
                await _train(model, var)
    return model


async def _train(model: Path, var: Path) -> None:
    model.parent.mkdir(parents=True, exist_ok=True)
    part = model.with_name(f"part-{model.name}")
    try:
        await run_tool(
            "Training the bot",
            [BOT_PYTHON, BOT / "train.py", "--out", part],
            log=var / "log" / "train.log",
        )
        part.rename(model)
    finally:
        part.unlink(missing_ok=True)
    models = sorted(model.parent.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    for old in models[:-MODELS_KEPT]:
        old.unlink(missing_ok=True)


def _learnt_from() -> Iterator[Path]:
    for name in LEARNT_FROM:
        path = ROOT / name
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from sorted(
                found
                for found in path.rglob("*")
                if found.is_file() and "__pycache__" not in found.parts
            )
