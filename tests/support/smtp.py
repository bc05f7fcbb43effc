"""An SMTP server on loopback that keeps what it is sent."""

import asyncio
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.policy import default


class Sink:
    """What came, and how the next is answered.

    Attributes:
        mails: ``EmailMessage``s, in order.
        refusals: Codes for the next recipients, first first; when used up all are taken.
    """

    def __init__(self):
        self.mails = []
        self.refusals = []
        self.talks = []

    async def serve(self, reader, writer):
        self.talks.append(asyncio.current_task())
        try:
            await self._talk(reader, writer)
        finally:
            writer.close()

    async def _talk(self, reader, writer):
        async def say(line):
            writer.write(line.encode() + b"\r\n")
            await writer.drain()

        await say("220 sink")
        while line := (await reader.readline()).decode().strip():
            verb = line.split()[0].upper()
            if verb == "RCPT" and self.refusals:
                await say(f"{self.refusals.pop(0)} not now")
            elif verb == "DATA":
                await say("354 go on")
                body = await reader.readuntil(b"\r\n.\r\n")
                plain = body[:-3].replace(b"\r\n..", b"\r\n.")
                self.mails.append(message_from_bytes(plain, policy=default))
                await say("250 kept")
            elif verb == "QUIT":
                await say("221 bye")
                break
            else:
                await say("250 sink" if verb == "EHLO" else "250 ok")


@asynccontextmanager
async def smtp_sink():
    """Serve a sink; gives it, with its ``url``."""
    sink = Sink()
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0)
    async with server:
        sink.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield sink
        await asyncio.gather(*sink.talks, return_exceptions=True)
