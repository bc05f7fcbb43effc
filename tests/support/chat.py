"""A shopper, speaking the public chat API."""

import json
from uuid import uuid4

import httpx


class Chat:
    """One shopper's side of a conversation."""

    def __init__(self, url):
        self._url = url
        self.session = None

    async def post(self, text, *, id=None, display=None):
        """Send one message; gives the acknowledgement."""
        async with self._client() as client:
            answer = await client.post(
                "/chat/messages", json={"id": id or uuid4().hex, "text": text, "display": display}
            )
            answer.raise_for_status()
            self.session = answer.json()["session"]
            return answer.json()

    async def say(self, text, **more):
        """Send one message and wait until it is answered; gives the replies' texts."""
        sent = await self.post(text, **more)
        said = await self.settled(after=sent["id"])
        return [message["text"] for message in said if message["author"] != "shopper"]

    async def settled(self, *, after=0):
        """Wait until nothing is unanswered; gives what was said after message ``after``."""
        said = []
        async for event, data in self.events(after=after):
            if event == "message":
                said.append(data)
            if event == "state" and not data["pending"]:
                return said
        raise AssertionError("the event stream ended before the answer")

    async def read(self):
        """The whole transcript."""
        async with self._client() as client:
            answer = await client.get("/chat/messages")
            answer.raise_for_status()
            return answer.json()

    async def events(self, *, after=0):
        """What happens, as ``(event, data)``, until the caller stops."""
        async with (
            self._client() as client,
            client.stream("GET", "/chat/events", headers={"Last-Event-ID": str(after)}) as stream,
        ):
            name = None
            async for line in stream.aiter_lines():
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: "):
                    yield name, json.loads(line[6:])

    def _client(self):
        headers = {"X-Wismo-Session": self.session} if self.session else {}
        return httpx.AsyncClient(base_url=self._url, headers=headers, timeout=20)
