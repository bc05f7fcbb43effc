"""Which things of an order, and which of several orders, a message speaks of."""

import pytest

from bot.actions.items import mentioned, narrowed
from bot.actions.told import Told, fingerprint
from bot.actions.which import follows_on, which
from tests.bot.desk import ANA, order, parcel, shop
from tracking_lookup.model import Verdict

ITEMS = ("1 × red wool socks", "2 × leather belt", "1 × blue wool scarf")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("where are the socks", {0}),
        ("only one belt came", {1}),
        ("the belts and the scarfs", {1, 2}),
        ("the woollen thing", set()),
        ("everything wool", {0, 2}),
        ("where is my order", set()),
        ("", set()),
    ],
)
def test_items_by_their_names(text, named):
    assert mentioned(text, ITEMS) == tuple(ITEMS[i] for i in sorted(named))


def test_a_word_that_all_share_tells_none_apart():
    assert mentioned("the lamp", ("1 × desk lamp", "1 × floor lamp")) == ()
    assert mentioned("the desk lamp", ("1 × desk lamp", "1 × floor lamp")) == ("1 × desk lamp",)


def test_narrowed_to_what_is_named():
    cap = parcel(Verdict.MOVING, items=("1 × cap",))
    belt = parcel(Verdict.DELIVERED, items=("1 × belt",))
    whole = order("#1", cap, belt, unshipped=("1 × scarf",))
    assert narrowed(whole, "where's the belt") == ((belt,), ())
    assert narrowed(whole, "where's the scarf") == ((), ("1 × scarf",))
    assert narrowed(whole, "where is it all") == ((cap, belt), ("1 × scarf",))


@pytest.mark.parametrize(
    ("text", "follows"),
    [
        ("and 1003?", True),
        ("what about 1003", True),
        ("and the other one?", True),
        ("and when does my other order with the lamp come", False),
        ("where is 1003", False),
        ("and when?", False),
    ],
)
def test_a_question_that_follows_on(text, follows):
    assert follows_on(text) is follows


@pytest.mark.parametrize(
    ("proven", "told", "text", "question", "meant"),
    [
        (["#1001", "#1003"], Told("#1003", "order_status"), "the other one", "", "#1001"),
        (["#1001", "#1003", "#1004"], Told("#1003", "order_status"), "the other one", "", None),
        (["#1001", "#1003"], Told(), "the other one", "", None),
        (["#1001", "#1003"], Told("#1003", "order_status"), "when?", "delivery_date", "#1003"),
        (["#1001", "#1003"], Told("#1003", "order_status"), "where?", "order_status", None),
        (["#1001", "#1003"], Told("#1003", "order_status"), "where is it", "order_status", "#1003"),
        (["#1001", "#1007"], Told(), "where is my order", "order_status", "#1001"),
        (["#1001", "#1007"], Told(), "not there", "delivered_not_received", "#1007"),
        (["#1014", "#1007", "#1013"], Told(), "where", "order_status", "#1013"),
        (["#1001", "#1022"], Told(), "where is the lamp", "order_status", "#1022"),
        (["#1001", "#1003"], Told("#9999", "x"), "when?", "delivery_date", None),
        (["#1001"], Told("#1001", "order_status"), "the other one", "", None),
        (["#1015"], Told("#1015", "order_status"), "the other one", "", "#1015"),
        (["#1001"], Told(), "where is my second parcel", "order_status", "#1001"),
        (["#1007"], Told("#1007", "order_status"), "where?", "order_status", "#1007"),
    ],
)
async def test_which_order_is_meant(proven, told, text, question, meant):
    desk = shop()
    for number in proven:
        await desk.prove(1, number, ANA)
    assert await which(desk, 1, proven, text=text, question=question, told=told) == meant


def test_an_answer_is_the_same_whatever_its_age():
    first = {"response": "utter_x", "last_scan": " 3 hours ago", "place": "Leipzig"}
    assert fingerprint([first]) == fingerprint([{**first, "last_scan": " 4 hours ago"}])
    assert fingerprint([first]) != fingerprint([{**first, "place": "Halle"}])
