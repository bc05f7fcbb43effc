"""One test for all help desks: the contract, against a replay of each vendor's published shapes."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.helpdesk_contract import (
    Assign,
    Case,
    Close,
    Entry,
    File,
    Reopen,
    State,
    Urgency,
    key_of,
    marked,
)
from integrations.messages import RawRequest
from kit.errors import BadWebhook, NotFound, RateLimited, Rejected, Unavailable
from service.helpdesks.adapters import make_adapter, manifest_of, slugs
from tests.support.helpdesks import REPLAYS

ROOT = Path(__file__).parents[3]
KEY = "0123456789ab"
CASE = Case(KEY, "wismo-1f", "Jo <Doe>", "Damaged", "Who: Jo\n<b>not bold</b>", Urgency.HIGH)


@pytest.fixture(params=[*REPLAYS, "console"])
def slug(request):
    return request.param


@pytest.fixture(params=REPLAYS)
def vendor(request):
    return request.param


@pytest.fixture
def desk(vendor):
    return REPLAYS[vendor]()


@pytest.fixture
def helpdesk(desk):
    return make_adapter(desk.slug, desk.client(), desk.settings)


def entry(number, text, *, by_shopper, files=()):
    return Entry(f"{KEY}.{number}", by_shopper, "shopper, 23 Nov 14:02", text, files)


def raw(headers, body):
    return RawRequest("https://wismo.example/helpdesks/webhooks/x", headers, body)


def test_every_folder_is_tested():
    assert slugs() == sorted([*REPLAYS, "console"])


def test_shape(slug):
    manifest = manifest_of(slug)
    module = import_module(f"integrations.helpdesks.{slug}")
    readme = (ROOT / "integrations/helpdesks" / slug / "README.md").read_text()
    assert manifest.slug == slug
    assert manifest.docs.startswith("https://")
    assert module.__all__[0] == "MANIFEST"
    for setting in manifest.settings:
        assert setting.env in readme, "say where to find it"
        assert slug.upper() in setting.env


async def test_both_directions(desk, helpdesk):
    ticket = await helpdesk.open(CASE)
    await helpdesk.write(await helpdesk.read(ticket), entry(7, "It broke", by_shopper=True))
    await helpdesk.write(await helpdesk.read(ticket), entry(8, "I looked", by_shopper=False))
    desk.note(ticket, "Customer sounds upset")
    desk.reply(ticket, "Sorry! A new one is on its way.", agent=502)
    desk.assign(ticket, 502)

    read = await helpdesk.read(ticket)
    assert desk.words(ticket) == [
        ("note" if desk.slug == "chatwoot" else "shopper", CASE.text),
        ("shopper", "It broke"),
        ("note", "I looked"),
        ("note", "Customer sounds upset"),
        ("agent", "Sorry! A new one is on its way."),
    ]
    assert [c.text for c in read.comments if c.to_shopper] == ["Sorry! A new one is on its way."]
    keys = [c.key for c in read.comments if c.key]
    assert keys[-2:] == [f"{KEY}.7", f"{KEY}.8"]
    assert (read.state, read.assignee, read.assignee_email) == (
        State.OPEN,
        "Ben",
        "ben@example.com",
    )


async def test_an_opening_whose_answer_was_lost_is_found_again(desk, helpdesk):
    desk.lose = 1.0
    with pytest.raises(Unavailable):
        await helpdesk.open(CASE)
    desk.lose = 0.3
    opened = []
    for _ in range(40):
        try:
            opened.append(await helpdesk.open(CASE))
        except Unavailable:
            continue
    assert len(set(opened)) == 1
    assert len(desk.tickets) == 1
    assert len(desk.words(opened[0])) == 1


async def test_zendesk_knows_a_ticket_that_it_does_not_list_yet():
    desk = REPLAYS["zendesk"]()
    helpdesk = make_adapter("zendesk", desk.client(), desk.settings)
    ticket = await helpdesk.open(CASE)
    desk.listing = False
    assert await helpdesk.open(CASE) == ticket  # its Idempotency-Key
    with pytest.raises(Unavailable):  # told anew in other words: it will be listed
        await helpdesk.open(replace(CASE, text="Two days late"))
    assert len(desk.tickets) == 1


async def test_states_both_ways(desk, helpdesk):
    ticket = await helpdesk.open(CASE)
    desk.set(ticket, "pending")
    assert (await helpdesk.read(ticket)).state is State.PENDING
    await helpdesk.write(await helpdesk.read(ticket), Close())
    closed = await helpdesk.read(ticket)
    assert closed.state is State.CLOSED
    await helpdesk.write(closed, Reopen())
    assert (await helpdesk.read(ticket)).state is State.OPEN
    desk.set(ticket, "deleted")
    gone = await helpdesk.read(ticket)
    assert gone.state is State.GONE
    with pytest.raises(NotFound):
        await helpdesk.write(closed, Close())


async def test_assigns_whom_the_help_desk_knows(desk, helpdesk):
    ticket = await helpdesk.open(CASE)
    await helpdesk.write(await helpdesk.read(ticket), Assign("ana@example.com"))
    assert (await helpdesk.read(ticket)).assignee == "Ana"
    await helpdesk.write(await helpdesk.read(ticket), Assign("stranger@example.com"))
    assert (await helpdesk.read(ticket)).assignee == "Ana"


async def test_files_both_ways(desk, helpdesk):
    ticket = await helpdesk.open(CASE)
    picture = File("box.png", "image/png", b"\x89PNG")
    with_file = entry(7, "See", by_shopper=True, files=(picture,))
    await helpdesk.write(await helpdesk.read(ticket), with_file)
    assert [name for name, _ in desk.tickets[int(ticket)].comments[-1].files] == ["box.png"]
    desk.reply(ticket, "Your label", files=[("label.pdf", "https://files.example/label.pdf")])
    answer = (await helpdesk.read(ticket)).comments[-1]
    assert [file.url for file in answer.files] == ["https://files.example/label.pdf"]


@pytest.mark.parametrize(
    ("mood", "error"),
    [
        ({"limit": 7}, RateLimited),
        ({"down": True}, Unavailable),
        ({"status": 401}, Rejected),
        ({"junk": True}, Rejected),
    ],
)
async def test_each_failure_has_its_name(desk, helpdesk, mood, error):
    ticket = await helpdesk.open(CASE)
    thread = await helpdesk.read(ticket)
    for name, value in mood.items():
        setattr(desk, name, value)
    with pytest.raises(error) as read:
        await helpdesk.read(ticket)
    with pytest.raises(error):
        await helpdesk.open(CASE)
    if "junk" not in mood:
        with pytest.raises(error):
            await helpdesk.write(thread, Close())
    if error is RateLimited:
        assert read.value.retry_after == 7


async def test_webhooks_name_the_ticket_and_forgeries_nothing(desk, helpdesk):
    ticket = await helpdesk.open(CASE)
    now = datetime.now(UTC)
    for headers, body in (
        desk.reply(ticket, "Hello"),
        desk.set(ticket, "closed"),
        desk.assign(ticket, 501),
    ):
        request = raw(headers, body)
        helpdesk.verify(request, now=now)
        assert helpdesk.parse(request) == [ticket]
        forged = [{}, dict.fromkeys(headers, "é"), {k: v + "0" for k, v in headers.items()}]
        for wrong in forged:
            with pytest.raises(BadWebhook):
                helpdesk.verify(raw(wrong, body), now=now)
        if desk.signed:
            with pytest.raises(BadWebhook):
                helpdesk.verify(raw(headers, body + b" "), now=now)
            for later in (timedelta(minutes=6), timedelta(minutes=-6)):
                with pytest.raises(BadWebhook):
                    helpdesk.verify(request, now=now + later)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(
                ["ticket_id", "detail", "id", "type", "event", "conversation", "freshdesk_webhook"]
            )
            | st.text(max_size=3),
            inner | st.sampled_from(["message_created", "zen:event-type:ticket.x", "12"]),
        )
    ),
    max_leaves=12,
)


READERS = [make_adapter(desk.slug, httpx.AsyncClient(), desk.settings) for desk in REPLAYS.values()]


@given(body=st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_reads_any_body_or_refuses_it(body):
    for adapter in READERS:
        try:
            tickets = adapter.parse(raw({}, body))
        except BadWebhook:
            continue
        assert all(ticket.isdecimal() for ticket in tickets)


@given(text=st.text(), quoted=st.text())
def test_a_key_is_read_from_the_head_and_nowhere_else(text, quoted):
    ours = entry(12, text, by_shopper=True)
    assert key_of(marked(ours, limit=100)) == f"{KEY}.12"
    assert len(marked(ours, limit=100)) <= 100
    answer = f"Thanks{quoted}\n{marked(ours, limit=1000)}"
    assert key_of(answer) is None


async def test_files_stand_in_for_a_help_desk(tmp_path):
    console = make_adapter(
        "console", httpx.AsyncClient(), {"HELPDESK_CONSOLE_FOLDER": str(tmp_path / "desk")}
    )
    ticket = await console.open(CASE)
    assert await console.open(CASE) == ticket
    path = tmp_path / "desk" / f"{ticket}.jsonl"
    await console.write(await console.read(ticket), entry(3, "Hello?", by_shopper=True))
    with path.open("a") as file:
        file.write('{"reply": "Ana here."}\n{"note": "odd"}\n{"status": "closed"}\n')
    read = await console.read(ticket)
    assert [c.text for c in read.comments if c.to_shopper] == ["Ana here."]
    assert read.state is State.CLOSED
    await console.write(read, Reopen())
    assert (await console.read(ticket)).state is State.OPEN
    with pytest.raises(BadWebhook):
        console.verify(raw({"x-wismo-token": ""}, b"{}"), now=datetime.now(UTC))
    path.unlink()
    assert (await console.read(ticket)).state is State.GONE
