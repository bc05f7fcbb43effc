"""Whatever is sent to the public API, it never answers that something broke here."""

import asyncio

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

PUBLIC = r"^/(attachments|channels|chat|healthz|readyz|tracking)"
EXAMPLES = 12  # of each operation


async def test_no_input_makes_a_server_error(url):
    asked = await asyncio.to_thread(ask_everything, url)
    assert {"POST /chat/messages", "GET /chat/events", "POST /chat/link/open"} <= asked.keys()
    assert any(operation.startswith("POST /channels/") for operation in asked)
    assert {name: codes for name, codes in asked.items() if any(c >= 500 for c in codes)} == {}


def ask_everything(url):
    """Status codes that were seen, by operation."""
    api = schemathesis.openapi.from_url(f"{url}/openapi.json").include(path_regex=PUBLIC)
    asked = {}
    for found in api.get_all_operations():
        operation = found.ok()
        asked[operation.label] = ask(operation, url)
    return asked


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
        codes.add(case.call(base_url=url, timeout=10).status_code)

    once()
    return codes
