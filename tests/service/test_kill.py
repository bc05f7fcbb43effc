"""The web process dies by SIGKILL in the middle of a turn; the next one answers."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import anyio
import httpx

from tests.support.chat import Chat
from tests.support.serving import free_socket, serve


@contextmanager
def web_process(env):
    """The service's web process, as ``./wismo up`` starts it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "service.cli", "serve"], env=env, stdin=subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()


async def until_ready(url, process):
    async with httpx.AsyncClient(base_url=url) as client:
        for _ in range(900):
            assert process.poll() is None, "the web process ended"
            try:
                if (await client.get("/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await anyio.sleep(0.1)
    raise AssertionError("not ready within 90 s")


async def test_a_turn_survives_sigkill(rasa, database_url, tmp_path):
    rasa.free.clear()
    with free_socket() as chosen:
        port = chosen.getsockname()[1]
    async with serve(rasa.app()) as rasa_url:
        env = os.environ | {
            "DATABASE_URL": database_url,
            "RASA_URL": rasa_url,
            "PORT": str(port),
            "VAR": str(tmp_path / "var"),
            "LOG_LEVEL": "ERROR",
        }
        url = f"http://127.0.0.1:{port}"
        shopper = Chat(url)
        with web_process(env) as first:
            await until_ready(url, first)
            await shopper.post("where is my order 1001?", id="one")
            await rasa.asked.wait()
            first.send_signal(signal.SIGKILL)
            rasa.free.set()
        with web_process(env) as second:
            await until_ready(url, second)
            await shopper.post("where is my order 1001?", id="one")  # the widget tries again, too
            said = await shopper.settled()
        assert [message["author"] for message in said] == ["shopper", "bot"]
        assert len(rasa.seen) == 2
