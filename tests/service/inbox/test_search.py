import pytest

from bot.actions.contract import Reason
from kit import clock
from service.accounts.models import Team
from service.accounts.sessions import SignedIn
from service.inbox import notes
from service.inbox.models import Ticket
from service.inbox.search import CLOSE, OPEN, search
from service.storefront.models import OrderItem, Parcel

NOW = clock.now()


@pytest.fixture
async def ana(add_agent):
    return SignedIn(await add_agent("Ana"), 1)


@pytest.fixture
def find(sessions, ana):
    async def find(typed, who=None):
        async with sessions() as session:
            return await search(session, who or ana, typed, country="GB", now=NOW)

    return find


@pytest.fixture
async def cases(sessions, shopper, add_order, add_agent):
    """Two tickets, the second with an order."""
    await shopper.say("The delivered jackets were soaked")
    first = await shopper.hand_over(Reason.DAMAGED)
    order = await add_order(
        name="Jo Fox", email="jo@example.com", phone="+442079460000", number="#1001", key="1001"
    )
    other = type(shopper)(shopper.sessions, "shopper-2")
    await other.say("nothing has come yet")
    second = await other.hand_over(Reason.OVERDUE, order_id=order)
    async with sessions.begin() as session:
        session.add(Parcel(order_id=order, carrier="sandbox", number="SB0000001001"))
        session.add(OrderItem(order_id=order, title="Rain jacket, dark green", quantity=1))
        await notes.add(
            session, first, await add_agent("Ben"), "the warehouse floods", now=clock.now()
        )
    return first, second


@pytest.mark.parametrize(
    ("typed", "which"),
    [
        ("jacket", [1, 0]),  # an item of the one, stemmed words of the other
        ("soak", [0]),
        ("deliv", [0]),  # an unfinished word
        ('"nothing has come"', [1]),
        ('"come nothing"', []),
        ("jackets -soaked", [1]),
        ("warehouses", [0]),
        ("#1001", [1]),
        ("1001", [1]),
        ("fox", [1]),
        ("jo@example.com", [1]),
        ("020 7946 0000", [1]),
        ("sb 0000001001", [1]),
        ("zebra", []),
        ("' OR 1=1; --", []),
        ("& | ! ( ) :* <->", []),
        ("\0%_\\", []),
        ("the", []),
    ],
)
async def test_words_orders_and_notes_are_found(find, cases, typed, which):
    found = await find(typed) if typed.strip("\0") else None
    assert [each.row.ticket.id for each in found.tickets] == [cases[n] for n in which]


async def test_the_found_words_are_marked(find, cases):
    [found] = (await find("soaked")).tickets
    assert f"{OPEN}soaked{CLOSE}" in found.words


async def test_another_teams_private_ticket_is_not_found(sessions, find, cases, ana):
    first, _ = cases
    async with sessions.begin() as session:
        team = Team(name="Safety", private=True)
        session.add(team)
        await session.flush()
        (await session.get_one(Ticket, first)).team_id = team.id
        inside = SignedIn(ana.agent, 1, frozenset({team.id}))
    for words in ("soaked", "warehouse"):
        assert not (await find(words)).tickets
        assert len((await find(words, inside)).tickets) == 1


async def test_an_order_without_a_ticket_is_found_as_an_order(find, add_order):
    await add_order(name="Kim Lee")
    found = await find("lee")
    assert not found.tickets
    assert [order.name for order in found.orders] == ["Kim Lee"]
