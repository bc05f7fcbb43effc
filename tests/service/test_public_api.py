"""Whatever is sent to the public API and pages, they never answer that something broke here."""

import asyncio
from copy import copy

import schemathesis
from fastapi.openapi.utils import get_openapi
from hypothesis import HealthCheck, Phase, given, settings

from service import health
from service.faq import routes as faq
from service.pages import routes as pages
from service.tracking_page import preview
from service.tracking_page import routes as tracking_page

# Pages are for people and described nowhere; here they are asked all the same.
PAGES = (health.router, faq.router, pages.router, preview.router, tracking_page.router)
EXAMPLES = 8  # of each operation


async def test_no_input_makes_a_server_error(service):
    async with asyncio.timeout(240):
        asked = await asyncio.to_thread(ask_everything, service)
    groups = {operation.split("/")[1] for operation in asked}
    assert groups >= {"api", "attachments", "channels", "chat", "faq", "files", "healthz"}
    assert groups >= {
        "helpdesks",
        "metrics",
        "readyz",
        "sandbox",
        "tracking",
        "widget",
        "widget.js",
    }
    assert {"POST /chat/messages", "GET /t/{token}", "POST /tracking/webhooks/{source}"} <= set(
        asked
    )
    assert {name: codes for name, codes in asked.items() if any(c >= 500 for c in codes)} == {}


def ask_everything(app):
    """Status codes that were seen, by operation."""
    hidden = [shown(route) for router in PAGES for route in router.routes]
    described = get_openapi(title="Pages", version="1", routes=[r for r in hidden if r])
    asked = {}
    for description in (app.openapi(), described):
        for found in schemathesis.openapi.from_dict(description).get_all_operations():
            operation = found.ok()
            asked[operation.label] = ask(operation, app.state.url)
    return asked


def shown(route):
    """A route as a description lists it; ``None`` of one that is described anyway."""
    if getattr(route, "include_in_schema", True):
        return None
    route = copy(route)
    route.include_in_schema = True
    return route


def ask(operation, url):
    codes = set()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def once(case):
        codes.add(case.call(base_url=url, timeout=20).status_code)

    once()
    return codes
