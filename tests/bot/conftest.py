"""The bot as shoppers meet it: a trained model, Rasa in its own process, the real actions."""

import asyncio
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
import uvicorn
import yaml
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from rasa_sdk.executor import ActionExecutor

from bot.actions import registry
from service.cli import setup
from tests.bot.desk import NOW, FakeFaq, shop

ROOT = Path(__file__).parents[2]
BOT = ROOT / "bot"
TOKEN = "test-token"
START_SECONDS = 90


def make_executor(desk):
    executor = ActionExecutor()
    for action in registry.actions(desk, FakeFaq(), ZoneInfo("Europe/London"), lambda: NOW):
        executor.register_action(action)
    return executor


@pytest.fixture(scope="session")
def bot_python():
    asyncio.run(setup.set_up_bot(ROOT / "var"))
    return setup.BOT_PYTHON


@pytest.fixture(scope="session")
def model(bot_python):
    """The model that `up` runs: of the data as it is now, trained once for each state of it."""
    return asyncio.run(setup.train(ROOT / "var"))


@pytest.fixture(scope="session")
def action_server():
    """The real executor over a fake desk, on loopback.

    ``app.state.desk`` is the desk, ``app.state.called`` the last call, as Rasa sent it.
    """
    app = FastAPI()
    app.state.desk = shop()
    app.state.executor = make_executor(app.state.desk)
    app.state.failing = False

    @app.post("/actions")
    async def run_action(request: Request):
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        if app.state.failing:
            return JSONResponse({"error": "down"}, status_code=500)
        app.state.called = await request.json()
        result = await app.state.executor.run({"domain": {}, **app.state.called})
        return JSONResponse(result.model_dump())

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        app.state.url = f"http://127.0.0.1:{listening.getsockname()[1]}/actions"
        yield app
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def start_rasa(bot_python, model, action_server, tmp_path_factory):
    """Starts Rasa as ``./wismo up`` does: ``with start_rasa() as url``."""
    return contextmanager(partial(_rasa, bot_python, model, action_server, tmp_path_factory))


@pytest.fixture(scope="session")
def rasa(start_rasa):
    """Rasa's address."""
    with start_rasa() as url:
        yield url


def _rasa(bot_python, model, action_server, tmp_path_factory):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("rasa") / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [bot_python, BOT / "serve.py", "--model", model, "--port", str(port)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env={"ACTION_ENDPOINT_URL": action_server.state.url, "ACTION_TOKEN": TOKEN},
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_up(url, process, log)
        yield url
        process.stdin.close()
        assert process.wait(timeout=10) == 0, "Rasa outlived its parent"
    finally:
        process.kill()
        process.wait()


def _wait_until_up(url, process, log):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, f"Rasa ended:\n{log.read_text()[-2000:]}"
        try:
            httpx.get(url)
            return
        except httpx.TransportError:
            time.sleep(0.1)  # another process: there is no event to await
    pytest.fail(f"Rasa did not start in {START_SECONDS} s:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def domain():
    """The domain's files, merged: ``{"intents": […], "responses": {…}, …}``."""
    merged = {}
    for path in sorted(BOT.glob("domain/**/*.yml")):
        for key, value in yaml.safe_load(path.read_text()).items():
            if isinstance(value, dict):
                merged.setdefault(key, {}).update(value)
            elif isinstance(value, list):
                merged.setdefault(key, []).extend(value)
    return merged


@pytest.fixture(scope="session")
def intents(domain):
    return set(domain["intents"])
