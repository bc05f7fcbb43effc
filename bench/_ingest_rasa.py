"""Stock Rasa for ``bench ingest``, in the bot's Python: ``… KIND PORT``.

``init`` is the bot that ``rasa init`` makes, with its default pipeline. ``smallest`` is the
smallest there can be, of components that cost next to nothing: keywords and one rule. Neither asks
an action server, both keep their trackers in memory, and the REST channel is Rasa's own.
"""

import contextlib
import io
import logging
import os
import sys
import tempfile
from pathlib import Path

from without_tensorflow import leave_out

from bench._parent import end_with_parent

SMALLEST = {
    "config.yml": """
recipe: default.v1
assistant_id: bench
language: en
pipeline: [{name: KeywordIntentClassifier}]
policies: [{name: RulePolicy}]
""",
    "domain.yml": """
version: "3.1"
intents: [greet]
responses: {utter_greet: [{text: "Hey! How are you?"}]}
""",
    "data/data.yml": """
version: "3.1"
nlu: [{intent: greet, examples: "- hello"}]
rules: [{rule: greet, steps: [{intent: greet}, {action: utter_greet}]}]
""",
}


def main() -> None:
    """Train into a temporary folder, then serve until killed."""
    end_with_parent()
    kind, port = sys.argv[1:]
    os.environ |= {
        "RASA_TELEMETRY_ENABLED": "false",
        "SANIC_WORKERS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TQDM_DISABLE": "1",
    }
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if kind == "smallest":
            (folder / "data").mkdir()
            for file, words in SMALLEST.items():
                (folder / file).write_text(words)
            leave_out(folder / "config.yml")
        from rasa.core.run import serve_application
        from rasa.model_training import train

        if kind == "init":
            from rasa.cli.scaffold import create_initial_project

            create_initial_project(name)
        (folder / "credentials.yml").write_text("rest:\n")
        with contextlib.redirect_stdout(io.StringIO()):
            files = [str(folder / file) for file in ("domain.yml", "config.yml", "data")]
            model = train(*files[:2], files[2:], output=name).model
        serve_application(
            model_path=model,
            interface="127.0.0.1",
            port=int(port),
            credentials=str(folder / "credentials.yml"),
        )


if __name__ == "__main__":
    main()
