"""One pipeline of ``bench nlu``, in the bot's Python: trains, reads the held-back lines, reports.

``… CONFIG TRAIN.yml TEST.json``: writes one JSON object on standard output.
"""

import asyncio
import contextlib
import io
import json
import logging
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from without_tensorflow import leave_out


def main() -> None:
    """Train, warm up, then time one message at a time."""
    config, train, test = sys.argv[1:]
    texts = json.loads(Path(test).read_text("utf-8"))
    os.environ |= {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    logging.disable(logging.WARNING)
    leave_out(Path(config))
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu

    with contextlib.redirect_stdout(io.StringIO()), tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        model = train_nlu(config, train, output=folder)
        trained = time.perf_counter() - begun
        agent = Agent.load(model)
        intents, times = asyncio.run(_read(agent, texts))
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    times.sort()
    report = {
        "intents": intents,
        "parse_ms": round(1000 * times[len(times) // 2], 2),
        "train_s": round(trained, 1),
        "peak_mb": round(rss),
    }
    sys.stdout.write(json.dumps(report) + "\n")


async def _read(agent, texts):  # noqa: ANN001, ANN202 - Rasa's types are not at hand here
    await agent.parse_message("warm up")
    intents, times = [], []
    for text in texts:
        begun = time.perf_counter()
        parsed = await agent.parse_message(text)
        times.append(time.perf_counter() - begun)
        intents.append(parsed["intent"]["name"])
    return intents, times


if __name__ == "__main__":
    main()
