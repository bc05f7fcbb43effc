"""The words of notifications: one YAML file a language, checked before a shopper could meet a slip.

A text knows ``{variables}``; a part in ``[square brackets]`` is left out where one of its variables
is not known. ``{day}`` may be unknown, so outside brackets it stands only where the trigger brings
it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from integrations.sms import is_gsm7, segments, to_gsm7
from kit import yaml_text
from kit.errors import BadInput
from service.notifications.news import Trigger

FOLDER: Final = Path(__file__).parent / "texts"
MAX_SEGMENTS: Final = 2
MAX_CHARS: Final = 2000

ALWAYS: Final = frozenset({"shop", "order", "link", "carrier", "since", "due", "count"})
SOMETIMES: Final = frozenset({"day", "old_day", "place", "reason", "pickup", "where"})
"""What may be unknown: stands in brackets, but where a trigger brings it (``BRINGS``)."""
BRINGS: Final[Mapping[Trigger, frozenset[str]]] = {
    Trigger.DELAYED: frozenset({"day", "old_day"}),
    Trigger.ARRIVING_TOMORROW: frozenset({"day"}),
}
# What each text must say, by its name: which shop it is from, and where more is to be seen.
_MUST: Final[Mapping[str, frozenset[str]]] = {
    "sms": frozenset({"shop", "link"}),
    "whatsapp": frozenset({"shop", "link"}),
}
_NO_LINK: Final = frozenset({"line", "subject", "push", "email"})
# The longest that values get in an SMS, to see at the check what could be too long at midnight.
WIDEST: Final[Mapping[str, str]] = {
    "shop": "S" * 30,
    "order": "#" + "9" * 11,
    "carrier": "C" * 22,
    "since": "Wed 30 Sept",
    "due": "D" * 28,
    "count": "12",
    "day": "Wed 30 Sept - Thu 31 Dec",
    "old_day": "Wed 30 Sept - Thu 31 Dec",
    "place": "P" * 30,
    "reason": "R" * 45,
    "pickup": "P" * 40,
    "where": "W" * 40,
    "link": "https://" + "l" * 92,
}
_GAP: Final = re.compile(r"\{([^{}]*)\}")
_OPTIONAL: Final = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class Text:
    """What one trigger says in one language.

    Attributes:
        line: A few words, without a capital letter: heads e-mail and push, joins merged news.
        whatsapp: As it was approved, with the variables as its gaps; said by Telegram too.
        email: Paragraphs, an empty line between them.
    """

    line: str
    sms: str
    push: str
    whatsapp: str
    subject: str
    email: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language.

    Attributes:
        common: Words that all messages share, by name.
        reasons: By ``Detail``, or by ``passed``.
    """

    lang: str
    common: Mapping[str, str]
    reasons: Mapping[str, str]
    texts: Mapping[Trigger, Text]


NAMES: Final = tuple(field.name for field in fields(Text))


def fill(text: str, values: Mapping[str, str], *, short: bool = False) -> str:
    """A text with its variables put in.

    Args:
        values: An empty one is unknown: the brackets it stands in go.
        short: Leave every part in brackets out.
    """

    def part(found: re.Match[str]) -> str:
        known = all(values.get(name) for name in _GAP.findall(found[1]))
        return found[1] if known and not short else ""

    filled = _OPTIONAL.sub(part, text)
    return _GAP.sub(lambda gap: values[gap[1]], filled)


def gaps(text: str) -> tuple[str, ...]:
    """The variables of a text in the order of their first place: the parameters of a template."""
    return tuple(dict.fromkeys(_GAP.findall(text)))


def load(folder: Path = FOLDER) -> Mapping[str, Catalogue]:
    """Every language there is a file for.

    Raises:
        BadInput: Something is missing, unknown or too long; says what and where, one a line.
    """
    files = {path.stem: path for path in sorted(folder.glob("*.yml"))}
    return {lang: _catalogue(lang, path) for lang, path in files.items()}


@lru_cache(maxsize=1)
def shipped() -> Mapping[str, Catalogue]:
    """The languages that come with Wismo."""
    return load()


def text_of(trigger: Trigger, given: Mapping[str, Any]) -> Text:
    """A trigger's text from what stands in a file or a form.

    Raises:
        BadInput: As ``load``.
    """
    said = {name: "\n".join(str(given.get(name) or "").split("\r\n")).strip() for name in NAMES}
    text = Text(**said)
    unknown = sorted(set(given) - set(NAMES))
    wrong = [f"{name}: there is no text of this name" for name in unknown]
    wrong += problems(trigger, text)
    if wrong:
        raise BadInput("\n".join(wrong))
    return text


def problems(trigger: Trigger, text: Text) -> list[str]:
    """What is wrong with a text, each with the name of its part; nothing where all is well."""
    return [
        f"{name}: {why}" for name in NAMES for why in _wrong(trigger, name, getattr(text, name))
    ]


def _wrong(trigger: Trigger, name: str, text: str) -> Iterator[str]:
    if not text:
        yield "is empty"
        return
    if len(text) > MAX_CHARS:
        yield f"is longer than {MAX_CHARS} characters"
    bare = _OPTIONAL.sub("", text)
    if set(bare) & set("[]") or set(_GAP.sub("", text)) & set("{}"):
        yield "a bracket is open or stands in another one"
        return
    used, sure = set(gaps(text)), set(gaps(bare))
    for unknown in sorted(used - ALWAYS - SOMETIMES):
        yield f"there is no variable {{{unknown}}}"
    for unsure in sorted((sure & SOMETIMES) - BRINGS.get(trigger, frozenset())):
        yield f"{{{unsure}}} may be unknown: put the part that needs it into [square brackets]"
    for missing in sorted(_MUST.get(name, frozenset()) - sure):
        yield f"{{{missing}}} is missing"
    if name in _NO_LINK and "link" in used:
        yield "the link is not for here: the message is a link, or has a button"
    if used <= ALWAYS | SOMETIMES:
        yield from _of_channel(name, text)


def _of_channel(name: str, text: str) -> Iterator[str]:
    if name == "sms":
        longest = to_gsm7(fill(text, WIDEST, short=True))
        if not is_gsm7(longest):
            yield "has a character that no SMS of 160 characters knows"
        elif (count := segments(longest)) > MAX_SEGMENTS:
            yield f"may take {count} SMS; at most {MAX_SEGMENTS}"
    if name == "whatsapp":
        if _OPTIONAL.search(text):
            yield "WhatsApp's templates have no parts that may be left out"
        if _GAP.match(text) or text.endswith("}"):
            yield "WhatsApp's templates neither begin nor end with a variable"
        if re.search(r"\}\s*\{", text):
            yield "WhatsApp's templates have words between two variables"
    if name in {"line", "subject", "push"} and "\n" in text:
        yield "is one line"


def _catalogue(lang: str, path: Path) -> Catalogue:
    try:
        given = yaml_text.load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput(f"{path.name}: not YAML") from error
    if not isinstance(given, dict):
        raise BadInput(f"{path.name}: must be a list of names and texts")
    wrong: list[str] = []
    texts: dict[Trigger, Text] = {}
    for trigger in Trigger:
        try:
            texts[trigger] = text_of(trigger, given.get(trigger.value) or {})
        except BadInput as error:
            wrong += [f"{path.name}: {trigger}: {line}" for line in error.message.splitlines()]
    known = {"common", "reasons", *Trigger}
    wrong += _lines(path.name, sorted(set(given) - known), "nothing is called so")
    if wrong:
        raise BadInput("\n".join(wrong))
    return Catalogue(lang, given["common"], given["reasons"], texts)


def _lines(file: str, names: Iterable[str], why: str) -> list[str]:
    return [f"{file}: {name}: {why}" for name in names]
