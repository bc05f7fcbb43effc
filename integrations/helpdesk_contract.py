"""What a help desk must do, and what crosses between it and the service.

A webhook is a bell, not a letter: it names the tickets that have news, and what the news is is read
from the help desk. So a forged, repeated or late webhook can at most make us read once more, and
the reconciling job is the same code as the webhook's.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from integrations.messages import RawRequest

MARK: Final = re.compile(r"\s*#([0-9a-f]{12}\.\d+) · ")


@dataclass(frozen=True, slots=True)
class HelpdeskSetting:
    """One setting of a help desk.

    Attributes:
        env: The environment variable: ``"ZENDESK_URL"``.
        argument: The adapter's constructor takes its value, a ``str``, under this name.
        about: What it is and where to find it, in one line.
        secret: Never shown.
        required: The help desk is on only if it is set.
    """

    env: str
    argument: str
    about: str
    secret: bool = False
    required: bool = True


@dataclass(frozen=True, slots=True)
class HelpdeskManifest:
    """What a help desk is. The service knows help desks by this alone.

    Attributes:
        slug: Its folder's name, and its name in the database and in ``/helpdesks/webhooks/<slug>``.
        name: For people: ``"Zendesk"``.
        docs: The vendor's documentation.
        settings: With all required ones set the help desk is on.
        webhook: Where in the vendor's settings the webhook's address goes; empty: it takes none.
        max_text: Longest text of one comment, in characters; what is longer is cut.
        max_file_bytes: Largest file it takes from us.
        reconcile_seconds: How often an open ticket is read though no webhook came.
    """

    slug: str
    name: str
    docs: str
    settings: tuple[HelpdeskSetting, ...]
    webhook: str = ""
    max_text: int = 60_000
    max_file_bytes: int = 8 * 1024 * 1024
    reconcile_seconds: int = 600


@dataclass(frozen=True, slots=True)
class File:
    """A file to give to the help desk."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class FileLink:
    """A file the help desk holds.

    Attributes:
        url: As the help desk says; never fetched unguarded, never with our key.
    """

    url: str
    name: str


class Urgency(StrEnum):
    """How soon a person is needed; each adapter has its vendor's word for it."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket to open.

    Attributes:
        key: Ours, twelve hexadecimal digits, new for each ticket there: how it is found again
            when the answer to ``open`` was lost.
        shopper: Ours and stable for one shopper's conversation; no name, no address.
        name: What people see in the shopper's place.
        text: Summary, context and what was said so far.
    """

    key: str
    shopper: str
    name: str
    subject: str
    text: str
    urgency: Urgency = Urgency.NORMAL


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to add to a ticket.

    Attributes:
        key: ``"<the ticket's key>.<a number>"``. It stands at the head of the text (``marked``),
            so that our own words are known when they come back, by webhook or by reading.
        by_shopper: The shopper's words, to be seen as theirs; else an internal note.
        head: Who said it and when: ``"shopper, 23 Nov 14:02"``.
    """

    key: str
    by_shopper: bool
    head: str
    text: str
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Reopen:
    """The shopper is about to say more in a ticket that is closed, or waits for somebody."""


@dataclass(frozen=True, slots=True)
class Close:
    """Our side has closed the ticket."""


@dataclass(frozen=True, slots=True)
class Assign:
    """Our side gave the ticket to somebody; an e-mail unknown to the help desk is no error."""

    email: str


Change = Entry | Reopen | Close | Assign


class State(StrEnum):
    """Where a ticket stands at the help desk."""

    OPEN = "open"
    PENDING = "pending"  # it waits for somebody; open as far as the shopper is concerned
    CLOSED = "closed"  # can be opened again
    GONE = "gone"  # deleted, spam, or closed for good: nothing can be added


@dataclass(frozen=True, slots=True)
class Comment:
    """Something in a ticket.

    Attributes:
        id: The help desk's.
        key: The entry's of ours it is; ``None``: not ours.
        to_shopper: A person at the help desk said it to the shopper; else a note, the shopper's own
            words or the machine's.
    """

    id: str
    key: str | None
    to_shopper: bool
    text: str
    author: str
    files: tuple[FileLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Thread:
    """A ticket as it stands at the help desk.

    Attributes:
        requester: The shopper's id there; empty where it needs none.
        comments: Oldest first.
        assignee: Name of who has it; empty for nobody.
        assignee_email: In lower case; empty where the help desk does not say.
    """

    ticket: str
    state: State
    requester: str = ""
    assignee: str = ""
    assignee_email: str = ""
    comments: tuple[Comment, ...] = ()


class Helpdesk(Protocol):
    """Where a shop's people work. ``verify`` and ``parse`` are pure, the rest calls the vendor.

    Constructed as ``Adapter(http, **settings)``: the shared ``httpx.AsyncClient``, then the
    manifest's settings by their ``argument``.

    ``open``, ``read`` and ``write`` raise ``Unavailable`` (whether it was done is not known),
    ``RateLimited`` (it was not; try again after ``retry_after`` seconds where it was said) and
    ``Rejected`` (it was not: the key or the request is wrong).
    """

    manifest: HelpdeskManifest

    def verify(self, request: RawRequest, *, now: datetime) -> None:
        """Raises ``BadWebhook`` unless it is the vendor's, and fresh where it says when."""
        ...

    def parse(self, request: RawRequest) -> list[str]:
        """The ids of the tickets that have news; none for a webhook about nothing of ours.

        Raises:
            BadWebhook: Not of the vendor's shape.
        """
        ...

    async def open(self, case: Case) -> str:
        """Open a ticket, or find the one that was opened with this key before.

        Returns:
            The help desk's id for it.
        """
        ...

    async def read(self, ticket: str) -> Thread:
        """The ticket as it stands; ``State.GONE`` for one that is not there any more."""
        ...

    async def write(self, thread: Thread, change: Change) -> None:
        """Change a ticket, by one call that counts: an entry is there whole, or is not there.

        Args:
            thread: As just read.

        Raises:
            NotFound: It is gone meanwhile.
        """
        ...


def marked(entry: Entry, *, limit: int) -> str:
    """An entry's text as the help desk gets it: headed by its key, cut at ``limit``."""
    text = f"#{entry.key} · {entry.head}\n\n{entry.text}"
    return text if len(text) <= limit else f"{text[: limit - 2]} …"


def key_of(text: str) -> str | None:
    """The key at the head of a text; one further down was quoted and says nothing."""
    found = MARK.match(text)
    return found[1] if found else None
