import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest
from sqlalchemy import select

from bot.actions.contract import Reason, Request
from faq.search import Faq
from integrations.contract import ImportedItem, ImportedOrder, ImportedParcel
from kit import clock
from kit.errors import LockedOut, NotVerified
from service.consent.models import ConsentRequest
from service.consent.service import may_send
from service.conversations.models import Conversation, Purpose
from service.dialogue.client import RasaDialogue, client
from service.dialogue.desk import ServiceDesk
from service.edd.dates import Dates
from service.edd.parcels import Home
from service.hours.model import Hours
from service.hours.terms import Terms
from service.inbox.models import Ticket
from service.news import News
from service.runtime import Runtime
from service.settings import Settings
from service.storefront.models import IdentityProof, Order, OrderItem, Parcel
from service.storefront.service import import_orders
from service.storefront.store import ServiceParcelStore
from tracking_lookup.carriers.sandbox import MANIFEST, Sandbox
from tracking_lookup.model import Status
from tracking_lookup.service import TrackingLookup

NOW = datetime.now(UTC).replace(microsecond=0)
DELIVERED, ON_ITS_WAY = "DLV", "DEP"


def answer(number, code):
    at = (NOW - timedelta(hours=2)).isoformat()
    scan = {"code": code, "at": at, "place": "Leeds", "text": "scan"}
    return {"parcel": {"number": number, "promised": None, "scans": [scan]}}


@pytest.fixture
def carrier():
    """What the carrier answers, and who asked; a test may put its own answer in."""

    class Answers:
        def __init__(self):
            self.codes = {"SB1": ON_ITS_WAY, "SB2": ON_ITS_WAY}
            self.asked = []
            self.before = None

        async def __call__(self, request):
            number = request.url.path.rpartition("/")[2]
            self.asked.append(number)
            if self.before is not None:
                await self.before()
            return httpx.Response(200, json=answer(number, self.codes[number]))

    return Answers()


@pytest.fixture
async def desk(sessions, database_url, tmp_path, carrier):
    transport = httpx.MockTransport(carrier)
    async with httpx.AsyncClient(transport=transport) as http, client() as rasa:
        lookup = TrackingLookup(
            {"sandbox": Sandbox(http, url="http://sandbox.test")}, ServiceParcelStore(sessions)
        )
        yield ServiceDesk(
            Runtime(
                settings=Settings(_env_file=None, var=tmp_path),
                sessions=sessions,
                news=News(database_url),
                http=http,
                dialogue=RasaDialogue(rasa, "http://rasa.test"),
                channels={},
                terms=Terms(Hours(ZoneInfo("Europe/London"))),
                mailer=None,
                lookup=lookup,
                faq=Faq([]),
                dates=Dates(sessions, tmp_path, Home("GB", ZoneInfo("Europe/London"))),
                database_url=database_url,
            )
        )
        await lookup.aclose()


@pytest.fixture
async def conversation(sessions):
    socks, hat, scarf = ImportedItem("Wool socks", 2), ImportedItem("Hat"), ImportedItem("Scarf")
    parcels = (ImportedParcel("Sandbox", "SB1", (socks,)), ImportedParcel("Sandbox", "SB2", (hat,)))
    order = ImportedOrder(
        "line 2",
        None,
        "#1001",
        NOW,
        email="mia@example.com",
        promised_to=NOW + timedelta(days=2),
        parcels=parcels,
        unshipped=(scarf,),
    )
    await import_orders(sessions, [order], source="csv")
    async with sessions.begin() as session:
        made = Conversation(channel="web", address="a")
        session.add(made)
        await session.flush()
        return made.id


async def test_a_proven_order_with_its_live_parcels(desk, conversation, carrier):
    await desk.prove(conversation, "1001", "mia@example.com")
    assert await desk.proven(conversation) == ("#1001",)
    found = await desk.order(conversation, " #1001")
    assert (found.number, found.cancelled, found.unshipped) == ("#1001", False, ("1 × Scarf",))
    assert found.promised_to == NOW + timedelta(days=2)
    assert [(p.number, p.carrier_name, p.items) for p in found.parcels] == [
        ("SB1", MANIFEST.name, ("2 × Wool socks",)),
        ("SB2", MANIFEST.name, ("1 × Hat",)),
    ]
    assert all(p.lookup.fault is None for p in found.parcels)
    assert {p.lookup.known.tracking.status for p in found.parcels} == {Status.IN_TRANSIT}
    assert sorted(carrier.asked) == ["SB1", "SB2"]


async def test_an_item_that_travels_in_another_orders_parcel(desk, conversation, carrier, sessions):
    carrier.codes["SB3"] = ON_ITS_WAY
    parcels = (ImportedParcel("Sandbox", "SB3", (ImportedItem("Gloves"),)),)
    other = ImportedOrder("line 3", None, "#1002", NOW, email="ben@example.com", parcels=parcels)
    await import_orders(sessions, [other], source="csv")
    async with sessions.begin() as session:
        shared = await session.scalar(select(Parcel.id).where(Parcel.number == "SB3"))
        scarf = (await session.scalars(select(OrderItem).where(OrderItem.title == "Scarf"))).one()
        scarf.parcel_id = shared
    await desk.prove(conversation, "1001", "mia@example.com")
    found = await desk.order(conversation, "1001")
    assert [(p.number, p.items) for p in found.parcels][2:] == [("SB3", ("1 × Scarf",))]


async def test_parcels_are_asked_about_at_once_with_no_transaction_open(
    desk, conversation, carrier, database_url
):
    both = asyncio.Barrier(2)
    open_ones = []

    async def before():
        await asyncio.wait_for(both.wait(), 2)
        async with await psycopg.AsyncConnection.connect(
            database_url, autocommit=True
        ) as connection:
            rows = await connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"
                " AND state = 'idle in transaction'"
            )
            open_ones.append((await rows.fetchone())[0])
        await both.wait()

    carrier.before = before
    await desk.prove(conversation, "1001", "mia@example.com")
    found = await desk.order(conversation, "1001")
    assert [p.lookup.fault for p in found.parcels] == [None, None]
    assert open_ones == [0, 0]


async def test_a_carrier_that_is_not_switched_on_is_a_fault_not_a_failure(
    desk, conversation, sessions
):
    async with sessions.begin() as session:
        for parcel in await session.scalars(select(Parcel)):
            parcel.carrier = "royal_mail"
    await desk.prove(conversation, "1001", "mia@example.com")
    found = await desk.order(conversation, "1001")
    assert {parcel.carrier_name for parcel in found.parcels} == {"Royal Mail"}
    assert all(parcel.lookup.fault is not None for parcel in found.parcels)


async def test_nothing_without_proof(desk, conversation, carrier):
    for call in (desk.order, desk.dispute):
        with pytest.raises(NotVerified):
            await call(conversation, "1001")
    assert await desk.proven(conversation) == ()
    assert carrier.asked == []


async def test_unknown_and_wrong_fail_byte_for_byte_alike_and_count(desk, conversation):
    failures = []
    for number, proof in (("1001", "leo@example.com"), ("9999", "mia@example.com")) * 2:
        with pytest.raises(NotVerified) as caught:
            await desk.prove(conversation, number, proof)
        failures.append((type(caught.value), caught.value.message, caught.value.args))
    assert len(set(failures)) == 1
    with pytest.raises(NotVerified):
        await desk.prove(conversation, "1001", "")
    with pytest.raises(LockedOut):
        await desk.prove(conversation, "1001", "mia@example.com")


async def test_a_proof_expires(desk, conversation, sessions):
    await desk.prove(conversation, "1001", "mia@example.com")
    async with sessions.begin() as session:
        proof = (await session.scalars(select(IdentityProof))).one()
        proof.expires_at = clock.now()
    with pytest.raises(NotVerified):
        await desk.order(conversation, "1001")


async def test_only_delivered_parcels_are_disputed_and_the_first_time_stays(
    desk, conversation, carrier, sessions
):
    carrier.codes["SB1"] = DELIVERED
    await desk.prove(conversation, "1001", "mia@example.com")
    await desk.order(conversation, "1001")
    await desk.dispute(conversation, "1001")

    async def disputes():
        async with sessions() as session:
            rows = await session.execute(select(Parcel.number, Parcel.disputed_at))
            return dict(rows.all())

    first = await disputes()
    assert first["SB1"] is not None
    assert first["SB2"] is None
    await desk.dispute(conversation, "1001")
    assert await disputes() == first


async def test_handing_over(desk, conversation, sessions):
    await desk.prove(conversation, "1001", "mia@example.com")
    promise = await desk.hand_over(
        conversation, Reason.LOST_SUSPECTED, note="silent for days", order_number="1001"
    )
    assert promise == "within 2 hours"  # a lost parcel goes before a plain question
    async with sessions() as session:
        ticket = (await session.scalars(select(Ticket))).one()
        order = (await session.scalars(select(Order))).one()
        talk = (await session.scalars(select(Conversation))).one()
    assert (ticket.order_id, ticket.reason, ticket.note) == (
        order.id,
        "lost_suspected",
        "silent for days",
    )
    assert talk.handler == "agent"


async def test_an_order_that_was_not_proven_is_no_more_than_named(desk, conversation, sessions):
    await asyncio.gather(
        *(desk.hand_over(conversation, Reason.ASKED, order_number="1001") for _ in range(5))
    )
    async with sessions() as session:
        ticket = (await session.scalars(select(Ticket))).one()
    assert ticket.order_id is None
    assert "Order named but not proven: 1001" in ticket.note


async def test_what_a_shopper_typed_cannot_break_the_note(desk, conversation, sessions):
    await desk.hand_over(conversation, Reason.ASKED, order_number="1\0\ud800" + "9" * 1000)
    async with sessions() as session:
        ticket = (await session.scalars(select(Ticket))).one()
    assert "\0" not in ticket.note
    assert len(ticket.note) < 200


async def test_requests_are_kept_and_the_newest_counts(desk, conversation, sessions):
    async def opted_out():
        async with sessions() as session:
            found = await session.get_one(Conversation, conversation)
            return not await may_send(session, found.channel, found.address, Purpose.UPDATE)

    assert not await opted_out()
    await desk.record(conversation, Request.STOP_MESSAGES)
    assert await opted_out()
    await desk.record(conversation, Request.ERASE_DATA)
    assert await opted_out()
    await desk.record(conversation, Request.START_MESSAGES)
    assert not await opted_out()
    async with sessions() as session:
        kinds = await session.scalars(select(ConsentRequest.kind).order_by(ConsentRequest.id))
    assert list(kinds) == ["stop_messages", "erase_my_data", "start_messages"]
