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

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]  # components import from the project's root

import once  # noqa: E402
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
        # One message is too little to share out: threads would wait for each other, spinning.
        "OPENBLAS_NUM_THREADS": "1",
    }
    logging.captureWarnings(True)  # Rasa's own dependencies warn of each other
    leave_out(HERE / "config.yml")

    from rasa.core.run import serve_application
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    configure_logging_and_warnings(log_level=logging.WARNING)
    configure_structlog(logging.WARNING)
    once.install()
    serve_application(
        model_path=str(model),
        interface=given.host,
        port=given.port,
        credentials="credentials.yml",
        endpoints=AvailableEndpoints.read_endpoints(str(endpoints)),
        enable_api=False,
    )


def _exit_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)  # nothing to save: what matters is in the service's database


if __name__ == "__main__":
    main()
