"""In which language a message is written, as far as it must be known: not English? Pure.

Careful rather than keen: a foreign message taken for English costs one "could you say it in other
words?"; an English one taken for foreign is an insult. Short messages are left to the dialogue.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any, Final

from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

OFFERED: Final = ("ar", "de", "es", "fr", "it", "nl", "pl", "pt", "ru", "zh")
"""Languages (ISO 639-1) in which a person is offered; in any other the offer is in English."""

# Those of the Latin alphabet that are told apart. The more there are, the less sure of each.
_LATIN: Final = ("en", "de", "es", "fr", "it", "nl", "pl", "pt", "sv", "da", "no", "fi", "tr", "cs",
                 "hu", "ro")  # fmt: skip
_SCRIPTS: Final = {"CJK": "zh", "ARABIC": "ar", "CYRILLIC": "ru"}
_FEWEST_WORDS: Final = 4
_SURE: Final = 0.85
_LIKELY: Final = 0.5  # enough where no word is one that nearly every English sentence has
_ENGLISH: Final = frozenset(
    """
    a about and any anyone are as at back been but by can can't come did do does don't for from
    get getting give got had has have haven't hello help hi how i i'm i've if in is isn't it it's
    its just late me mine my need never no not now of off ok on one only or order other our out
    pls please refund shop should so still stop take thanks that the their them there they this
    to today tomorrow track tracking up update want was way we were what when where where's who
    why will with wrong yes yet you your
    """.split()  # noqa: SIM905
)
_LOADING: Final = Lock()
_NO_WORD: Final = re.compile(r"https?://\S+|\S*[@#\d]\S*")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")  # noqa: RUF001


def foreign(text: str) -> str | None:
    """The language of a message that is not English: one of ``OFFERED``, or ``"other"``.

    The first longer message takes about a second, in which the model is loaded: on an event loop,
    call this in a thread.

    Returns:
        ``None`` for English, and for what is too short or too unclear to tell.
    """
    words = [w.lower().replace("’", "'") for w in _WORD.findall(_NO_WORD.sub(" ", text))]  # noqa: RUF001
    script = _script("".join(words))
    if script:
        return script
    if len(words) + (not text.isascii()) < _FEWEST_WORDS:  # an accent tells as much as a word
        return None
    with _LOADING:  # threads that come first at the same time wait for one load
        identifier = _identifier()
    language, probability = identifier.classify(" ".join(words))
    needed = _SURE if _ENGLISH.intersection(words) else _LIKELY
    if language == "en" or probability < needed:
        return None
    return language if language in OFFERED else "other"


def _script(letters: str) -> str | None:
    """The language of a script that English has no letter of, where most letters are in it."""
    scripts = Counter(unicodedata.name(c, "?").split()[0] for c in letters)
    if not scripts:
        return None
    script, count = scripts.most_common(1)[0]
    if script == "LATIN" or count * 2 < len(letters):
        return None
    return _SCRIPTS.get(script, "other")


@cache
def _identifier() -> Any:
    """Made at first use: the model takes a moment to unpack.

    Made anew of the columns that are asked for: the other languages' take another 25 MB.
    """
    make: Callable[..., Any] = LanguageIdentifier
    every: Any = LanguageIdentifier.from_modelpath(MODEL_DIR / MODEL_FILE)
    every.set_languages(list(_LATIN))
    return make(
        every.nb_ptc, every.nb_pc, every.nb_classes, every.tk_nextmove, every.tk_output,
        norm_probs=True, tk_row=every.tk_row,
    )  # fmt: skip
