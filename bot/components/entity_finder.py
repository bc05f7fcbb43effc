"""The Rasa side of ``entities``."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components import entities


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class EntityFinder(GraphComponent):
    """Adds what ``entities.find`` finds; belongs behind ``RegexEntityExtractor``.

    What that one took for an order number and is a piece of a parcel's number, a phone number or an
    e-mail address goes; so does an order number as it was written, where it is read otherwise.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EntityFinder:
        """Make it; it has no settings and learns nothing."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Find in each message."""
        for message in messages:
            text = message.get(TEXT) or ""
            found = entities.find(text)
            earlier = message.get(ENTITIES, [])
            items = [one for one in earlier if one["entity"] == "item"]
            found += [entities.item(text, one["start"], one["end"]) for one in items]
            kept = [
                one
                for at, one in enumerate(earlier)
                if one not in items
                and one not in earlier[:at]  # two patterns may fit the same number
                and not any(_belongs_to(one, other) for other in found)
            ]
            message.set(ENTITIES, kept + [_as_rasa(one) for one in found], add_to_output=True)
        return messages


def _belongs_to(one: dict[str, Any], other: entities.Entity) -> bool:
    start, end = one.get("start", 0), one.get("end", 0)
    if other.kind in {"tracking_number", "email"} or other.role:
        return other.start < end and start < other.end
    return other.kind == "phone" and other.covers(start, end)


def _as_rasa(one: entities.Entity) -> dict[str, Any]:
    return {
        "entity": one.kind,
        "start": one.start,
        "end": one.end,
        "value": one.value,
        "extractor": EntityFinder.__name__,
        **({"role": one.role} if one.role else {}),
    }
