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
_KEYWORDS: Final = {
    **dict.fromkeys(
        ("stop", "stopall", "unsubscribe", "end", "quit", "cancel", "revoke", "optout"),
        Keyword.STOP,
    ),
    **dict.fromkeys(("start", "unstop"), Keyword.START),
    **dict.fromkeys(("help", "info"), Keyword.HELP),
}


def keyword(text: str) -> Keyword | None:
    """The keyword that a message is; ``None`` where it is anything more than that.

    Case, spaces, a hyphen inside (``opt-out``, ``STOP ALL``) and punctuation around it make no
    difference. "cancel my order" is no keyword: it has other words.
    """
    return _KEYWORDS.get(re.sub(r"[\W_]+", "", fold(text)))
