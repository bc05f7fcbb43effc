"""Real servers on loopback, in the test's own event loop."""

import asyncio
import socket
from contextlib import asynccontextmanager

import uvicorn


def free_socket():
    """A bound loopback socket; listening on it cannot race with another test."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", 0))
    return bound


@asynccontextmanager
async def serve(app, bound=None):
    """Serve an ASGI app; gives its base URL once it is listening."""
    bound = bound or free_socket()
    server = uvicorn.Server(
        uvicorn.Config(
            app, log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=3
        )
    )
    server.install_signal_handlers = lambda: None
    task = asyncio.create_task(_run(server, bound))
    try:
        while not server.started:
            if task.done():
                await task
                raise RuntimeError("the server did not start")
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        bound.close()


async def _run(server, bound):
    try:
        await server.serve(sockets=[bound])
    except SystemExit as end:  # uvicorn's way to say that the app did not start
        raise RuntimeError("the app did not start") from end
