"""WhatsApp's templates as the shop's accounts have them: by what name, approved or not.

Meta approves each template in each language before a business may begin a conversation with it;
free text is taken only within a day of the shopper's last message. ``docs/notifications.md`` says
how to have them approved.

Source: https://developers.facebook.com/docs/whatsapp/message-templates/guidelines.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final

import structlog
import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from integrations.messages import Template
from kit.errors import BadInput
from service.notifications.messages.texts import ALWAYS, BRINGS, Text, gaps
from service.notifications.news import Trigger

log = structlog.get_logger()


class Status(StrEnum):
    """Where a template stands with Meta, in its words. Only an approved one is sent."""

    DRAFT = "draft"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    PAUSED = "paused"
    DISABLED = "disabled"


class Category(StrEnum):
    """What Meta files, and bills, a template as. News of an order is ``utility``."""

    UTILITY = "utility"
    MARKETING = "marketing"
    AUTHENTICATION = "authentication"


class Entry(BaseModel):
    """One template in one language.

    Attributes:
        name: At Meta ``order_shipped``; at Twilio the content's SID, ``HX…``.
        language: As approved: ``en_GB``; ``None``: the two letters it stands under.
        parameters: Variables in the order of its gaps; ``None``: as in the text of today.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,512}$")]
    status: Status = Status.DRAFT
    category: Category = Category.UTILITY
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(_[A-Z]{2})?$")] | None = None
    parameters: tuple[str, ...] | None = None


class Approved:
    """All templates that the shop's file names, by channel, trigger and language."""

    def __init__(self, entries: Mapping[str, Mapping[Trigger, Mapping[str, Entry]]]) -> None:
        self._entries = entries

    def entry(self, channel: str | None, trigger: Trigger, lang: str) -> Entry | None:
        """What the file says of one; ``None``: nothing."""
        return self._entries.get(channel or "", {}).get(trigger, {}).get(lang)

    def of_trigger(self, trigger: Trigger, lang: str) -> Mapping[str, Entry]:
        """What the file says of one trigger's template, by channel."""
        return {
            channel: found
            for channel in sorted(self._entries)
            if (found := self.entry(channel, trigger, lang)) is not None
        }

    def has(self, channel: str | None, trigger: Trigger, lang: str) -> bool:
        """Whether one may be sent."""
        found = self.entry(channel, trigger, lang)
        return found is not None and found.status is Status.APPROVED

    def template(
        self,
        channel: str | None,
        trigger: Trigger,
        lang: str,
        text: Text,
        values: Mapping[str, str],
    ) -> Template | None:
        """An approved one with its gaps filled; ``None`` where none is."""
        found = self.entry(channel, trigger, lang)
        if found is None or found.status is not Status.APPROVED:
            return None
        names = gaps(text.whatsapp) if found.parameters is None else found.parameters
        return Template(
            name=found.name,
            language=found.language or lang,
            parameters=tuple(" ".join(values[name].split()) for name in names),
        )


_FILE: Final = TypeAdapter(dict[str, dict[Trigger, dict[str, Entry]]])
_NONE: Final = Approved({})


def parse(text: str) -> Approved:
    """Read ``whatsapp.yml``.

    Raises:
        BadInput: Something in it is not as it must be; says what, one a line.
    """
    try:
        entries = _FILE.validate_python(yaml.safe_load(text) or {})
    except yaml.YAMLError as error:
        raise BadInput("whatsapp.yml: not YAML") from error
    except ValidationError as error:
        wrong = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise BadInput("\n".join(wrong)) from error
    wrong_names = [
        f"{channel}.{trigger}.{lang}: there is no variable {{{name}}} that is always known"
        for channel, triggers in entries.items()
        for trigger, langs in triggers.items()
        for lang, entry in langs.items()
        for name in entry.parameters or ()
        if name not in ALWAYS | BRINGS.get(trigger, frozenset())
    ]
    if wrong_names:
        raise BadInput("\n".join(wrong_names))
    return Approved(entries)


def approved(path: Path) -> Approved:
    """The file as it is now; none where there is none. A broken one is logged and sends nothing."""
    return _read(path, path.stat().st_mtime_ns) if path.exists() else _NONE


@lru_cache(maxsize=4)
def _read(path: Path, _changed_ns: int) -> Approved:
    try:
        return parse(path.read_text("utf-8"))
    except (BadInput, UnicodeDecodeError) as error:
        log.error("whatsapp_templates_refused", file=path.name, why=str(error))
        return _NONE


def for_approval(text: Text) -> str:
    """A text as Meta's form takes it: the gaps numbered, ``{{1}}``."""
    body = text.whatsapp
    for number, name in enumerate(gaps(text.whatsapp), 1):
        body = body.replace(f"{{{name}}}", f"{{{{{number}}}}}")
    return body
