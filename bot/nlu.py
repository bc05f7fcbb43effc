"""Understand texts without serving: ``python nlu.py --model M.tar.gz``, one JSON string a line.

Reads texts on standard input, each a JSON string, and writes for each one JSON object a line:
``{"text", "intent", "confidence", "entities"}``, an entity ``{"entity", "value", "start", "end"}``
and ``"role"`` where it has one. Of the model it loads what understanding needs and
nothing of the dialogue. Runs in the bot's own environment.
"""

import argparse
import json
import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]  # the components import from the project's root

from without_tensorflow import leave_out  # noqa: E402


def main() -> None:
    """Answer for all of standard input at once."""
    parser = argparse.ArgumentParser(description="Understand texts with a trained model.")
    parser.add_argument("--model", type=Path, required=True)
    model = parser.parse_args().model.absolute()
    texts = [json.loads(line) for line in sys.stdin]
    os.environ |= {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    os.chdir(HERE)
    logging.captureWarnings(True)  # Rasa's own dependencies warn of each other
    logging.disable(logging.WARNING)
    leave_out(HERE / "config.yml")
    for parsed in understand(model, texts):
        sys.stdout.write(json.dumps(parsed, ensure_ascii=False) + "\n")


def understand(model: Path, texts: list[str]) -> list[dict[str, Any]]:
    """What each text means to the model, in their order."""
    from rasa.core.channels import UserMessage
    from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
    from rasa.engine.graph import ExecutionContext
    from rasa.engine.runner.dask import DaskGraphRunner
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.shared.core.trackers import DialogueStateTracker
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        storage, metadata = LocalModelStorage.from_model_archive(Path(folder), model)
        target = metadata.nlu_target
        schema = metadata.predict_schema.minimal_graph_schema([target])
        context = ExecutionContext(graph_schema=schema, model_id=metadata.model_id)
        runner = DaskGraphRunner.create(schema, storage, context)
        nobody = DialogueStateTracker.from_events("nobody", [])
        inputs = {
            PLACEHOLDER_MESSAGE: [UserMessage(text) for text in texts],
            PLACEHOLDER_TRACKER: nobody,
        }
        messages = runner.run(inputs=inputs, targets=[target])[target]
    return [_as_json(message) for message in messages]


def _as_json(message: Any) -> dict[str, Any]:
    intent = message.get("intent") or {}
    entities = [
        {name: one[name] for name in ("entity", "value", "start", "end", "role") if name in one}
        for one in message.get("entities", [])
    ]
    return {
        "text": message.get("text"),
        "intent": intent.get("name"),
        "confidence": intent.get("confidence", 0.0),
        "entities": entities,
    }


if __name__ == "__main__":
    main()
