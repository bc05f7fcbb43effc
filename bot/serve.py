"""Serve a trained model over Rasa's REST channel, for as long as whoever started it lives.

``python serve.py --model M.tar.gz --port 5005 [--endpoints endpoints.yml]`` listens on the loopback
interface and exits when its standard input ends, so it cannot outlive its parent, however that
dies. Runs in the bot's own environment; reads ACTION_ENDPOINT_URL and ACTION_TOKEN.
"""

import argparse
import logging
import os
import sys
import threading
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]  # components import from the project's root

from without_tensorflow import leave_out  # noqa: E402

NEEDED = ("ACTION_ENDPOINT_URL", "ACTION_TOKEN")  # see endpoints.yml


def main() -> None:
    """Start, and do not come back."""
    parser = argparse.ArgumentParser(description="Serve the bot on Rasa's REST channel.")
    parser.add_argument("--port", type=int, default=5005)
    parser.add_argument("--host", default="127.0.0.1", help="another one in a container only")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--endpoints", type=Path, default=HERE / "endpoints.yml")
    parser.add_argument(
        "--detached", action="store_true", help="do not end with standard input: for a container"
    )
    given = parser.parse_args()
    model, endpoints = given.model.absolute(), given.endpoints.absolute()
    if not model.is_file():
        sys.exit(f"bot: no model at {model}; train one with train.py --out {model}")
    missing = [name for name in NEEDED if not os.environ.get(name)]
    if missing:
        sys.exit(f"bot: set {' and '.join(missing)}: where the actions run, and the token for it")
    if not given.detached:
        threading.Thread(target=_exit_with_parent, daemon=True).start()

    os.chdir(HERE)
    os.environ |= {
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "LOG_LEVEL_LIBRARIES": "ERROR",
        "SANIC_WORKERS": "1",
    }
    logging.captureWarnings(True)  # Rasa's own dependencies warn of each other
    leave_out(HERE / "config.yml")

    from rasa.core.run import serve_application
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    configure_logging_and_warnings(log_level=logging.WARNING)
    configure_structlog(logging.WARNING)
    compile_action_schema()
    serve_application(
        model_path=str(model),
        interface=given.host,
        port=given.port,
        credentials="credentials.yml",
        endpoints=AvailableEndpoints.read_endpoints(str(endpoints)),
        enable_api=False,
    )


def compile_action_schema() -> None:
    """Check the answers of actions against a schema compiled once, each event against its own.

    Rasa 3.6 checks each answer with ``jsonschema.validate``, which first checks the schema itself
    against the meta-schema: some 20 ms of a 30 ms turn. What is left tries each event against the
    schemas of all twenty kinds, another 2 ms. ``tests/bot/test_serve.py`` fails when a release no
    longer does so, and this function can go.
    """
    from jsonschema import Draft7Validator
    from rasa.core.actions.action import RemoteAction

    whole = RemoteAction.action_response_format_spec()
    event = whole["properties"]["events"]["items"]
    frame = Draft7Validator(
        {**whole, "properties": {**whole["properties"], "events": {"type": "array"}}}
    )
    kinds = {
        kind["properties"]["event"]["const"]: Draft7Validator({**event, "oneOf": [kind]})
        for kind in event["oneOf"]
    }
    everything = Draft7Validator(whole)

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        frame.validate(result)
        for one in result.get("events", ()):
            kind = kinds.get(one.get("event")) if isinstance(one, dict) else None
            if kind is None:
                everything.validate(result)  # says what is wrong with it
            else:
                kind.validate(one)
        return True

    RemoteAction._validate_action_result = validate


def _exit_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)  # nothing to save: what matters is in the service's database


if __name__ == "__main__":
    main()
