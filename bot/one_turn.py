"""Rasa keeps nothing between turns: the service sends what it remembered along with each message.

So any Rasa process can take any turn, one that was killed has forgotten nothing, and a turn that is
run again starts from where the first run did. ``OneTurn`` is Rasa's REST channel with a memory in
each question and each answer; ``TurnStore`` is the tracker store between them. ``credentials.yml``
and ``endpoints.yml`` name them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from contextvars import ContextVar
from typing import Any

import structlog
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.channels.rest import RestInput
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    Event,
    SlotSet,
    UserUttered,
    deserialise_events,
)
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.in_other_words import SLOT, said

log = structlog.get_logger()

Memory = dict[str, Any]
"""``{"slots": {name: value}, "loop": name or None, "turn": [the last turn's events]}``; JSON.

The turn's events are without those that set slots."""

# The request's own: what came with it, and what is to go back.
_memory: ContextVar[Memory] = ContextVar("memory")


class OneTurn(RestInput):
    """Rasa's REST channel, whose question may have a ``memory`` and whose answer ends with one."""

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[None]]) -> Blueprint:
        """``POST /webhooks/rest/webhook``, as Rasa's own, with one more entry in the answer.

        The entry is left out where the turn failed: what was remembered before then still counts.
        """
        webhook = Blueprint("one_turn", __name__)

        @webhook.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            asked, said = request.json, CollectingOutputChannel()
            sender, before = str(asked["sender"]), asked.get("memory") or {}
            _memory.set(before)
            message = UserMessage(
                asked.get("message"), said, sender, metadata=asked.get("metadata"),
                input_channel=self.name(),
            )  # fmt: skip
            try:
                await on_new_message(message)
            except Exception:
                log.exception("turn_failed", sender=sender)
            remembered = _memory.get()
            if remembered is not before:
                said.messages.append({"recipient_id": sender, "memory": remembered})
            return response.json(said.messages)

        return webhook


class TurnStore(TrackerStore):
    """The tracker store of one request."""

    def __init__(self, domain: Any, event_broker: Any = None, **_: Any) -> None:
        super().__init__(domain, event_broker)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation as remembered; ``None`` at its start."""
        memory = _memory.get({})
        if not memory:
            return None
        tracker = self.init_tracker(sender_id)
        for event in _events(memory, known=tracker.slots):
            tracker.update(event, self.domain)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Remember it: what is in the slots, the open form, and the last turn."""
        _memory.set(remembered(tracker))

    async def keys(self) -> Iterable[str]:
        """None: nothing is kept."""
        return ()


def remembered(tracker: DialogueStateTracker) -> Memory:
    """What the next turn needs of a conversation."""
    loop = tracker.active_loop
    slots = {**tracker.current_slot_values(), SLOT: said(tracker) or None}
    return {
        "slots": {k: v for k, v in slots.items() if v is not None},
        "loop": loop.name if loop else None,
        "turn": [
            _short(event.as_dict())
            for event in _last_turn(tracker)
            if not isinstance(event, SlotSet)  # what they came to is in the slots
        ],
    }


def _events(memory: Memory, *, known: dict[str, Any]) -> list[Event]:
    """The events that bring a tracker to where the memory has it.

    Rules look back over the last turn, and so does the rule that an hour's silence begins a new
    session; the rest is in the slots.
    """
    before: list[Event] = [
        SlotSet(name, value) for name, value in memory["slots"].items() if name in known
    ]
    if memory["loop"]:
        before.append(ActiveLoop(memory["loop"]))
    return [*before, ActionExecuted(ACTION_LISTEN_NAME), *deserialise_events(memory["turn"])]


def _last_turn(tracker: DialogueStateTracker) -> list[Event]:
    events = list(tracker.events)
    starts = [place for place, event in enumerate(events) if isinstance(event, UserUttered)]
    return events[starts[-1] :] if starts else events


def _short(event: dict[str, Any]) -> dict[str, Any]:
    """An event without the parse's tokens and the ranking of all intents."""
    parsed = event.get("parse_data")
    if parsed:
        event["parse_data"] = {
            name: parsed[name] for name in ("text", "intent", "entities") if name in parsed
        }
    return event
