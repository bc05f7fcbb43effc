"""Rasa's REST channel, replayed: the border at which the service meets its bot."""

import asyncio
from dataclasses import dataclass, field

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse


@dataclass
class ReplayRasa:
    """Answers every message, after taking some time to think, as a real one does.

    Attributes:
        answers: Text → replies as Rasa gives them; other text is echoed.
        seen: Every request's body, in order of arrival.
        asked: Set at the first request.
        free: Clear it, and requests wait until it is set.
    """

    answers: dict = field(default_factory=dict)
    status: int = 200
    seen: list = field(default_factory=list)
    busy: dict = field(default_factory=dict)
    overlapped: bool = False
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    free: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self):
        self.free.set()

    def app(self):
        app = FastAPI()

        @app.get("/")
        async def alive():
            return "Hello from Rasa: 3.6.21"

        @app.post("/webhooks/rest/webhook")
        async def message(request: Request):
            body = await request.json()
            self.seen.append(body)
            self.asked.set()
            sender = body["sender"]
            self.overlapped |= self.busy.get(sender, 0) > 0
            self.busy[sender] = self.busy.get(sender, 0) + 1
            try:
                await asyncio.sleep(0.01)  # long enough for turns to overlap, if they may
                await self.free.wait()
            finally:
                self.busy[sender] -= 1
            if self.status != 200:
                return JSONResponse({"status": "failure"}, status_code=self.status)
            echo = [{"recipient_id": sender, "text": f"You said: {body['message']}"}]
            return self.answers.get(body["message"], echo)

        return app
