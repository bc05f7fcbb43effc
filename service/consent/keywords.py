"""The words that are acted on at the door, before the bot sees them. Pure."""

import re
from enum import StrEnum
from typing import Final

from kit.text import fold


class Keyword(StrEnum):
    """What a keyword asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"


# Source: the CTIA's Short Code Monitoring Handbook asks for STOP, END, CANCEL, UNSUBSCRIBE, QUIT
# and HELP; https://help.twilio.com/articles/223134027 adds STOPALL, REVOKE, OPTOUT, START, UNSTOP,
# INFO. Their YES (start again) is left out: it answers the bot's own questions.
# https://support.infobip.com/docs/essentials/usa-and-canada-compliance/canadian-mandatory-keyword-responses:
# Canada's carriers ask for ARRET and AIDE, answered in French, by 160 characters at most.
_KEYWORDS: Final = {
    **dict.fromkeys(
        ("stop", "stopall", "unsubscribe", "end", "quit", "cancel", "revoke", "optout", "arret"),
        Keyword.STOP,
    ),
    **dict.fromkeys(("start", "unstop"), Keyword.START),
    **dict.fromkeys(("help", "info", "aide"), Keyword.HELP),
}


_FRENCH: Final = frozenset({"arret", "aide"})


def keyword(text: str) -> Keyword | None:
    """The keyword that a message is; ``None`` where it is anything more than that.

    Case, spaces, a hyphen inside (``opt-out``, ``STOP ALL``) and punctuation around it make no
    difference. "cancel my order" is no keyword: it has other words.
    """
    return _KEYWORDS.get(_word(text))


def language_of(text: str) -> str | None:
    """The language (ISO 639-1) that a keyword is to be answered in; ``None``: the shopper's."""
    return "fr" if _word(text) in _FRENCH else None


def _word(text: str) -> str:
    return re.sub(r"[\W_]+", "", fold(text))
