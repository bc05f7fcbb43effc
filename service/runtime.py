"""What a running process has at hand. Built in ``app.py``; used by routes and jobs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
from fastapi import Request

from faq.search import Faq
from integrations.contract import Channel
from integrations.helpdesk_contract import Helpdesk
from service.db import Sessions
from service.dialogue.client import Dialogue
from service.hours.terms import Terms
from service.mail.service import Mailer
from service.news import News
from service.settings import Settings
from service.shared import Shared
from tracking_lookup.service import TrackingLookup

if TYPE_CHECKING:  # it defers jobs, which need a runtime
    from service.edd.dates import Dates


@dataclass(frozen=True, slots=True)
class Runtime:
    """The parts of one process.

    Attributes:
        channels: By slug, those that are switched on.
        terms: When people answer, and how soon.
        mailer: The shop's SMTP server; ``None`` without one.
        helpdesk: The one that is switched on; ``None``: people work in the inbox alone.
        http: The one client for calls to other systems.
        shared: What many open pages ask for at once is worked out once.
        database_url: In libpq's form, for connections outside the engine's pool.
    """

    settings: Settings
    sessions: Sessions
    news: News
    http: httpx.AsyncClient
    dialogue: Dialogue
    channels: Mapping[str, Channel]
    terms: Terms
    mailer: Mailer | None
    lookup: TrackingLookup
    faq: Faq
    dates: "Dates"
    database_url: str
    helpdesk: Helpdesk | None = None
    shared: Shared = field(default_factory=Shared)


def runtime(request: Request) -> Runtime:
    """What the process that answers this request has at hand."""
    found: Runtime = request.app.state.runtime
    return found
