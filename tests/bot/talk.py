"""One shopper's conversation with the trained bot, as the service holds it."""

import re
from dataclasses import dataclass, field

from bot.actions.first_look import first_look
from tests.bot.desk import FakeDesk


@dataclass
class Talk:
    """``say`` gives what was answered, joined; ``log`` is the transcript.

    As in the service, a typed message gets its first look before Rasa is asked, and a pressed
    button does not. Rasa keeps nothing: ``memory`` is what it gave back last, and is sent along.
    """

    url: str
    desk: FakeDesk
    number: int
    log: list[str] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    memory: dict = field(default_factory=dict)

    async def say(self, http, text):
        pressed = text in self.buttons
        settled = None if pressed else first_look(text, last_reply=(self.answers or [None])[-1])
        if settled is None:
            answers = await self.post(http, text)
        else:
            when = "within 4 hours"
            if settled.reason is not None:
                when = await self.desk.hand_over(self.number, settled.reason)
            buttons = [{"payload": payload} for _, payload in settled.buttons]
            answers = [{"text": settled.text.replace("{when}", when), "buttons": buttons}]
        self.buttons = [b["payload"] for a in answers for b in a.get("buttons", ())]
        self.answers = [a["text"] for a in answers]
        self.log += [f"shopper: {text}", *(f"    bot: {answer}" for answer in self.answers)]
        return "\n".join(self.answers)

    async def post(self, http, text):
        """Rasa's own answers, as its REST channel gives them; its memory is kept."""
        metadata = {"conversation": self.number, "channel": "web"}
        response = await http.post(
            f"{self.url}/webhooks/rest/webhook",
            json={
                "sender": str(self.number),
                "message": text,
                "metadata": metadata,
                "memory": self.memory,
            },
            timeout=30,
        )
        assert response.status_code == 200
        *answers, last = response.json()
        self.memory = last["memory"]
        return answers

    @property
    def tickets(self):
        """Each as ``"reason #1001"``, or the reason alone."""
        return [
            " ".join(filter(None, (reason, order)))
            for who, reason, order in self.desk.tickets
            if who == self.number
        ]

    @property
    def requests(self):
        return [request for who, request in self.desk.requests if who == self.number]

    @property
    def ratings(self):
        return [
            "yes" if helped else "no" for who, helped in self.desk.ratings if who == self.number
        ]

    @property
    def note(self):
        return self.desk.notes.get(self.number, "")


def made_from(response, text):
    """Whether the text can have come from a response of the domain: ``[{"text": …}, …]``."""
    return any(
        re.fullmatch(".*".join(map(re.escape, re.split(r"{\w+}", variation["text"]))), text, re.S)
        for variation in response
    )


LONGEST = 320  # characters of a reply, so that it fits an SMS of three parts
KEYS = {"user", "bot", "not", "buttons", "ticket", "note", "request", "rated"}


def complaints(step, talk, responses):
    """What of a step's expectations did not come true: one sentence each."""
    heard = "\n".join(talk.answers)
    assert step.keys() <= KEYS, f"unknown: {step.keys() - KEYS}"

    def said(expected):
        if expected.startswith("utter_"):
            return any(made_from(responses[expected], answer) for answer in talk.answers)
        return expected.lower() in heard.lower()

    wrong = [f"not said: {e!r}" for e in step.get("bot", ()) if not said(e)]
    wrong += [f"said, and should not be: {e!r}" for e in step.get("not", ()) if said(e)]
    wrong += [f"no button {e!r}" for e in step.get("buttons", ()) if e not in talk.buttons]
    wrong += [
        f"not in the ticket's note: {e!r}" for e in step.get("note", ()) if e not in talk.note
    ]
    wrong += [f"{len(a)} characters: {a!r}" for a in talk.answers if len(a) > LONGEST]
    if "ticket" in step and talk.tickets != [step["ticket"]]:
        wrong.append(f"tickets are {talk.tickets}, not {step['ticket']!r} alone")
    if "ticket" not in step and talk.tickets:
        wrong.append(f"nobody asked for {talk.tickets}")
    if "request" in step and talk.requests[-1:] != [step["request"]]:
        wrong.append(f"recorded are {talk.requests}, not {step['request']!r} last")
    if (rated := [step["rated"]] if "rated" in step else []) != talk.ratings:
        wrong.append(f"ratings are {talk.ratings}, not {rated}")
    return wrong
