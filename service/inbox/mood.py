"""How upset a shopper sounds: few words and signs, counted. The same words, the same mood."""

import re
from collections.abc import Iterable
from enum import IntEnum
from typing import Final


class Mood(IntEnum):
    """How a shopper sounds."""

    CALM = 0
    ANNOYED = 1
    ANGRY = 2


# Points for what stands in one message; a phrase counts once.
_PHRASES: Final[tuple[tuple[int, re.Pattern[str]], ...]] = tuple(
    (points, re.compile(rf"\b(?:{words})\b", re.IGNORECASE))
    for points, words in (
        (4, r"furious|livid"),
        (3, r"disgust\w*|outrag\w*|scam\w*|thie(?:f|ves)|liars?|lying|crooks?"),
        (3, r"wtf|ffs|bull ?shit|shit\w*|fuck\w*|bastards?|crap|bloody (?:joke|hell|useless)"),
        (
            3,
            r"(?:the )?worst (?:\w+ )?(?:ever|service|company|shop|experience)|never (?:order|buy)",
        ),
        (
            2,
            r"unacceptable|ridiculous|pathetic|appalling|shocking|shambles|joke|useless|incompetent",
        ),
        (2, r"angry|fed up|sick of|had enough|awful|terrible|horrible|disgrace\w*|rip ?off"),
        (
            2,
            r"(?:third|fourth|fifth|\d+(?:rd|th)) time|(?:again|over) and (?:again|over)"
            r"|how many times",
        ),
        (1, r"disappoint\w*|frustrat\w*|annoy\w*|upset|not (?:good enough|happy)|unhappy|poor"),
        (1, r"still (?:not|no|nothing|waiting)|no ?(?:one|body) (?:answers|replies|helps|cares)"),
        (1, r"weeks?|every (?:day|time)|nobody|complain\w*|waste of (?:time|money)|immediately"),
    )
)
_KIND: Final = re.compile(r"\b(?:thanks?|thank you|please|cheers|appreciate\w*|lovely)\b", re.I)
_SHOUTED: Final = re.compile(r"[!?]{2,}")

ANNOYED_FROM: Final = 2
ANGRY_FROM: Final = 4


def points(text: str) -> int:
    """How upset one message sounds, from 0 up. A message in capitals counts as shouted."""
    found = sum(worth for worth, pattern in _PHRASES if pattern.search(text))
    letters = [c for c in text if c.isalpha()]
    if len(letters) >= 12 and sum(c.isupper() for c in letters) > 0.7 * len(letters):
        found += 2
    found += len(_SHOUTED.findall(text)) > 0
    return max(0, found - bool(_KIND.search(text)))


def mood_of(texts: Iterable[str]) -> Mood:
    """The mood of what a shopper wrote: that of the worst message, and of how many there are."""
    each = [points(text) for text in texts]
    worst = max(each, default=0) + (sum(score >= 1 for score in each) >= 3)
    if worst >= ANGRY_FROM:
        return Mood.ANGRY
    return Mood.ANNOYED if worst >= ANNOYED_FROM else Mood.CALM
