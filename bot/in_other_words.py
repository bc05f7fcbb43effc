"""Which of a response's variations is said: not the one that was just said.

Rasa picks among a response's variations at random. Here the first time brings the first, and each
further time the next one, so that who says hello three times hears three sentences, and the same
conversation always goes the same way. ``endpoints.yml`` names the class.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final

from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

SLOT: Final = "said"
_VARIATION: Final = "variation"  # in a bot event's metadata, beside Rasa's "utter_action"

Said = dict[str, list[int]]
"""By the response's name: how often each of its variations was said, in the domain's order."""


class InOtherWords(TemplatedNaturalLanguageGenerator):
    """Rasa's own generator, but for its dice."""

    def __init__(self, domain: Any, endpoint_config: Any = None) -> None:
        super().__init__(domain.responses if domain else {})

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,
        **kwargs: Any,
    ) -> dict[str, Any] | None:
        """The variation that fits and was said least; of several such, the domain's first."""
        if utter_action not in self.responses:
            return None
        slots = tracker.current_slot_values()
        fitting = ResponseVariationFilter(self.responses).responses_for_utter_action(
            utter_action, output_channel, slots
        )
        if not fitting:
            return None
        places = [self.responses[utter_action].index(one) for one in fitting]
        times = said(tracker).get(utter_action, [])
        place = min(places, key=lambda p: times[p] if p < len(times) else 0)
        chosen = deepcopy(self.responses[utter_action][place])
        return {**self._fill_response(chosen, slots, **kwargs), _VARIATION: place}


def said(tracker: DialogueStateTracker) -> Said:
    """What was said up to the last turn, by the slot, and in this turn, by its events."""
    times: Said = {name: list(counts) for name, counts in (tracker.get_slot(SLOT) or {}).items()}
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        name = event.metadata.get("utter_action") if isinstance(event, BotUttered) else None
        if name:
            counts, place = times.setdefault(name, []), event.metadata.get(_VARIATION, 0)
            counts.extend([0] * (place + 1 - len(counts)))
            counts[place] += 1
    return times
