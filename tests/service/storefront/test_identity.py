import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import event, func, select

from kit.errors import LockedOut
from service.conversations.models import Conversation
from service.storefront import identity
from service.storefront.models import FailedProof, IdentityProof, Order

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def shop(sessions):
    """Makes an order and a conversation; gives the conversation's id."""

    async def make(*, proved_phone=None, address="a", **more):
        async with sessions.begin() as session:
            conversation = Conversation(channel="web", address=address, proved_phone=proved_phone)
            session.add(conversation)
            if more.pop("with_order", True):
                values = {
                    "key": "1001",
                    "number": "#1001",
                    "email": "mia@example.com",
                    "phone": "+447700900123",
                    "postcode": "SW1A1AA",
                    "country": "GB",
                    "placed_at": NOW,
                    "source": "csv",
                    "external_id": "1001",
                }
                session.add(Order(**values | more))
            await session.flush()
            return conversation.id

    return make


@pytest.fixture
def prove(sessions):
    async def run(conversation, proof, number="1001", *, now=NOW):
        async with sessions.begin() as session:
            return await identity.prove(session, conversation, number, proof, now=now)

    return run


@pytest.fixture
def proven(sessions):
    async def run(conversation, *, now=NOW):
        async with sessions() as session:
            found = await identity.proven(session, conversation, now=now)
            return [order.number for order in found]

    return run


@pytest.mark.parametrize(
    "text",
    [
        "mia@example.com",
        "it's MIA@Example.com.",
        "<mailto:mia@example.com>, thanks!",
        "07700 900123",
        "+44 7700 900 123",
        "+44 (0) 7700 900123",
        "0044-7700-900123",
        "my number's 7700900123, order 1001",
        "1001 07700 900123",
        "٠٧٧٠٠ ٩٠٠١٢٣",
        "SW1A 1AA",
        "sw1a1aa",
        "order #1001 to sw1a-1aa please",
        "I am not sure\nSW1A 1AA\nis it that?",
    ],
)
async def test_a_proof_anywhere_in_the_text(shop, prove, proven, text):
    conversation = await shop()
    assert await prove(conversation, text) is not None
    assert await proven(conversation) == ["#1001"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1001",
        "#1001",
        "leo@example.com",
        "mia@example.co",
        "xmia@example.com",
        "900123",
        "07700 900124",
        "7700 90012",
        "SW1A",
        "1AA",
        "\ud800\0",
        " ".join(f"{n:05}" for n in range(300)) + " SW1A 1AA",
        " ".join(f"m{n}@example.com" for n in range(9)) + " mia@example.com",
    ],
)
async def test_what_proves_nothing(shop, prove, proven, text):
    conversation = await shop()
    assert await prove(conversation, text) is None
    assert await proven(conversation) == []


@pytest.mark.parametrize(
    ("more", "text", "fits"),
    [
        ({"postcode": "40202-1234", "country": "US"}, "40202", True),
        ({"postcode": "40202-1234", "country": "US"}, "40202-1234", True),
        ({"postcode": "40202", "country": "US"}, "40202-1234", True),
        ({"postcode": "1001", "country": "DK"}, "where is 1001?", False),
        ({"postcode": "10115", "country": "DE"}, "D-10115 Berlin", True),
        ({"phone": "+14155550123", "country": "US"}, "(415) 555-0123", True),
        ({"phone": "+390612345678", "country": "IT"}, "06 1234 5678", True),
        ({"email": None, "phone": None, "postcode": None}, "None mia@example.com", False),
        ({"postcode": "1"}, "1 order", False),
        ({"cancelled_at": NOW}, "mia@example.com", True),
    ],
)
async def test_orders_of_other_kinds(shop, prove, more, text, fits):
    conversation = await shop(**more)
    assert (await prove(conversation, text) is not None) is fits


@pytest.mark.parametrize("number", ["1001", "#1001", " # 10 01 ", "no-such"])
async def test_numbers_are_compared_by_their_key(shop, prove, number):
    conversation = await shop()
    proved = await prove(conversation, "mia@example.com", number)
    assert (proved is not None) is (number != "no-such")


async def test_a_proof_lasts_half_an_hour_and_is_renewed(shop, prove, proven, sessions):
    conversation = await shop()
    await prove(conversation, "mia@example.com")
    await prove(conversation, "SW1A 1AA", now=NOW + 20 * MINUTE)
    assert await proven(conversation, now=NOW + 49 * MINUTE) == ["#1001"]
    assert await proven(conversation, now=NOW + 50 * MINUTE) == []
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(IdentityProof)) == 1


async def test_a_proof_is_its_own_conversations(shop, prove, proven):
    first = await shop()
    second = await shop(address="b", with_order=False)
    await prove(first, "mia@example.com")
    assert await proven(second) == []


async def test_a_proven_phone_is_proof(shop, prove, proven):
    theirs = await shop(proved_phone="+447700900123")
    others = await shop(address="b", proved_phone="+447700900999", with_order=False)
    assert await proven(theirs) == ["#1001"]
    assert await prove(theirs, "it's me") is not None
    assert await proven(others) == []
    assert await prove(others, "it's me") is None


async def test_newest_proof_first(shop, prove, proven, sessions):
    conversation = await shop()
    async with sessions.begin() as session:
        session.add(
            Order(
                key="2",
                number="2",
                email="mia@example.com",
                placed_at=NOW,
                source="csv",
                external_id="2",
            )
        )
    await prove(conversation, "mia@example.com", "2")
    await prove(conversation, "mia@example.com", now=NOW + MINUTE)
    assert await proven(conversation, now=NOW + MINUTE) == ["#1001", "2"]


async def test_five_failures_lock_for_an_hour_from_the_fifth(shop, prove):
    conversation = await shop()
    failures = REGISTRY.get_sample_value("wismo_identity_failures_total")
    lockouts = REGISTRY.get_sample_value("wismo_identity_lockouts_total")
    for minute in (0, 10, 20, 30, 59):
        assert await prove(conversation, "leo@example.com", now=NOW + minute * MINUTE) is None
    for minute in (59, 61, 118):
        with pytest.raises(LockedOut):
            await prove(conversation, "mia@example.com", now=NOW + minute * MINUTE)
    assert REGISTRY.get_sample_value("wismo_identity_failures_total") == failures + 5
    assert REGISTRY.get_sample_value("wismo_identity_lockouts_total") == lockouts + 1
    assert await prove(conversation, "leo@example.com", now=NOW + 119 * MINUTE) is None
    assert await prove(conversation, "mia@example.com", now=NOW + 120 * MINUTE) is not None


async def test_five_failures_over_a_day_lock_nothing(shop, prove):
    conversation = await shop()
    for hour in range(6):
        assert await prove(conversation, "no", now=NOW + hour * 60 * MINUTE) is None
    assert await prove(conversation, "mia@example.com", now=NOW + 301 * MINUTE) is not None


async def test_twenty_wrong_tries_at_once_are_five_checks(shop, prove, sessions):
    conversation = await shop()
    outcomes = await asyncio.gather(
        *(prove(conversation, f"m{n}@example.com") for n in range(20)), return_exceptions=True
    )
    assert outcomes.count(None) == 5
    assert sum(isinstance(outcome, LockedOut) for outcome in outcomes) == 15
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(FailedProof)) == 5


async def test_unknown_and_wrong_ask_the_database_the_same(shop, prove, sessions):
    conversation = await shop()
    engine = sessions.kw["bind"].sync_engine

    async def asked(number):
        statements = []

        def note(_connection, _cursor, statement, *_):
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            assert await prove(conversation, "leo@example.com", number) is None
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return statements

    await asked("1001")  # the first connection of a pool asks more
    assert await asked("1001") == await asked("9999")


@pytest.fixture
def covers(sessions):
    async def run(conversation, number, *, now=NOW):
        async with sessions.begin() as session:
            return await identity.covers(session, conversation, number, now=now)

    return run


SECOND = {"key": "1002", "number": "#1002", "external_id": "1002"}


@pytest.mark.parametrize(
    ("proof", "second", "covered"),
    [
        ("mia@example.com", {"email": "Mia@Example.com", "phone": None}, True),
        ("07700 900123", {"email": "other@example.com"}, True),
        ("mia@example.com", {"email": "other@example.com"}, False),
        ("07700 900123", {"phone": "+447700900124"}, False),
        ("SW1A 1AA", {}, False),  # neighbours share a postcode
        ("mia@example.com", {"email": None}, False),
    ],
    ids=["e-mail", "phone", "another e-mail", "another phone", "postcode", "no e-mail"],
)
async def test_a_proof_covers_the_same_persons_other_orders(
    shop, prove, covers, proven, proof, second, covered
):
    conversation = await shop()
    await shop(address="b", **SECOND | second)
    await prove(conversation, proof)
    assert await covers(conversation, "1002") is covered
    assert ("#1002" in await proven(conversation)) is covered


async def test_what_is_covered_ends_with_the_proof_that_covers_it(shop, prove, covers, proven):
    conversation = await shop()
    await shop(address="b", **SECOND)
    await prove(conversation, "mia@example.com")
    assert await covers(conversation, "1002", now=NOW + 29 * MINUTE)
    assert await proven(conversation, now=NOW + 31 * MINUTE) == []
    assert not await covers(conversation, "1002", now=NOW + 31 * MINUTE)


async def test_nothing_is_covered_in_another_conversation_and_no_failure_counted(
    shop, prove, covers, sessions
):
    conversation = await shop()
    other = await shop(address="b", **SECOND)
    await prove(conversation, "mia@example.com")
    assert not await covers(other, "1002")
    assert not await covers(conversation, "9999")
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(FailedProof)) == 0
