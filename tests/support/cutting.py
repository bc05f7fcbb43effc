"""A wire that breaks: a TCP proxy on loopback whose connections end in the middle."""

import asyncio
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class Cutting:
    """Passes bytes on between a client and a server, the server's in small pieces.

    Attributes:
        cut_after: Bytes of the server's that a connection carries before it is cut, in the middle
            of whatever is being said; ``None``: it is never cut.
        cuts: How often that happened.
    """

    def __init__(self, url):
        self._host, self._port = urlsplit(url).hostname, urlsplit(url).port
        self.cut_after = None
        self.cuts = 0
        self.url = ""
        self._open = set()

    async def serve(self, reader, writer):
        self._open.add(asyncio.current_task())
        up_reader, up_writer = await asyncio.open_connection(self._host, self._port)
        up = asyncio.create_task(self._pass(reader, up_writer))
        try:
            await self._pass(up_reader, writer, cut=True)
        finally:
            up.cancel()
            await asyncio.gather(up, return_exceptions=True)
            for side in (writer, up_writer):
                side.transport.abort()
            self._open.discard(asyncio.current_task())

    async def _pass(self, source, sink, *, cut=False):
        carried = 0
        while data := await source.read(97 if cut and self.cut_after is not None else 65536):
            if cut and self.cut_after is not None:
                data = data[: max(0, self.cut_after - carried)]
                carried += len(data)
            sink.write(data)
            await sink.drain()
            if cut and self.cut_after is not None:
                await asyncio.sleep(0.003)  # or the pieces would arrive as one
            if cut and self.cut_after is not None and carried >= self.cut_after:
                self.cuts += 1
                return

    async def close(self):
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)


@asynccontextmanager
async def cutting(url):
    """A proxy in front of ``url``; its own address is ``.url``."""
    proxy = Cutting(url)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
        await proxy.close()
