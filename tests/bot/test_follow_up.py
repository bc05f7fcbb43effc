"""Questions about the answer before them: which messages are such, and what is said to them."""

import re
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions import details
from bot.actions.aspect import Aspect, aspects_of
from bot.actions.case import Case
from bot.actions.contract import Reason
from bot.actions.follow_up import OF_STATES, say_follow_up
from tests.bot.desk import ANA, DAY, NOW, order, parcel, shop
from tracking_lookup.model import Detail, Status, Verdict

WORDS = {
    Aspect.KEEP: "ok, and how long do they keep it?",
    Aspect.COLLECT: "can my wife fetch it for me",
    Aspect.PAY: "how much is it?",
    Aspect.PAPERS: "What papers?",
    Aspect.AGAIN: "when will they try again",
    Aspect.FETCH: "can I pick it up from the depot",
    Aspect.CARD: "I never got a card",
    Aspect.PROOF: "which neighbour",
    Aspect.GONE: "I don't have it",
    Aspect.DONE: "I already paid",
    Aspect.MISSED: "that's not what I asked",
    Aspect.CARRIER: "who has it",
    Aspect.CHASE: "can you chase them please",
    Aspect.DOUBT: "yes but",
    Aspect.NORMAL: "hm. is that normal",
    Aspect.NEXT: "so what should I do now",
    Aspect.EXPLAIN: "what does that mean?? why so late",
}


@pytest.mark.parametrize(("aspect", "text"), WORDS.items())
def test_what_is_asked_of_the_answer_before(aspect, text):
    assert aspects_of(text)[0] is aspect


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?!",
        "ok thanks",
        "where is my refund",
        "do you deliver on Sundays",
        "how long do I have to return things",
        "It says I signed. I didn't.",
        "what can you do",
        "why do you need my e-mail",
        "HUMAN!!! NOW",
        "what does serendipity mean",
        "my lamp came broken, what should I do now",
        "what should I do now " + "please " * 14,
    ],
)
def test_what_stands_for_itself(text):
    assert aspects_of(text) == ()


def states():
    """One order for each way a parcel can stand, and one for each in which nothing was sent."""
    needs = [None, Detail.AT_PICKUP_POINT, Detail.CUSTOMS_ACTION_REQUIRED, Detail.PAYMENT_DUE,
             Detail.ADDRESS_PROBLEM]  # fmt: skip
    of_verdict = {Verdict.NEEDS_CUSTOMER: needs, Verdict.QUIET: [None, Detail.HELD]}
    for verdict in Verdict:
        for detail in of_verdict.get(verdict, [None]):
            yield parcel(
                verdict,
                status=Status.EXCEPTION,
                detail=detail,
                scanned=200 * DAY,
                place="Llanfairpwllgwyngyll Sorting and Distribution Centre North",
                promised=70 * DAY,
                carrier_name="Österreichische Paketpost und Kurierdienste",
                items=("2 × thick merino wool socks, undyed", "1 × lamp"),
                link="https://www.canadapost-postescanada.ca/track-reperage/en#/details/"
                + 26 * "9",
            )
    yield parcel(Verdict.NO_DATA, fault=TimeoutError(), known=False)


def _text(domain, said):
    text = domain["responses"][said["response"]][0]["text"]
    return re.sub(r"{(\w+)}", lambda m: said[m[1]], text)


@pytest.fixture
def ask(domain):
    """What is said to a message after an answer about an order: the responses' texts."""

    async def ask(one, text, *, told=True, desk=None):
        slots = {"told": {"order": one.number, "question": "order_status"}} if told else {}
        desk = desk or shop()
        if details.key(one.number) in desk.orders:
            await desk.prove(1, one.number, ANA)
        message = {"text": text, "metadata": {"conversation": 1}}
        case = Case(
            dispatcher=CollectingDispatcher(),
            desk=desk,
            tracker=Tracker("1", slots, message, [], False, None, {}, "action_listen"),
            conversation=1,
            order=one,
            question="order_status",
            words=text,
            now=NOW,
            zone=ZoneInfo("Europe/London"),
        )
        followed = await say_follow_up(case)
        assert followed == bool(case.dispatcher.messages)
        return [_text(domain, said) for said in case.dispatcher.messages]

    return ask


async def test_every_such_question_has_an_answer_in_every_state_that_fits_an_sms(ask):
    unsent = [order("#1013", unshipped=("1 × scarf",)), order("#1014", cancelled=True)]
    single = [order("#1001", one) for one in states()]
    several = [order("#1001", one, one) for one in states()]
    answered = set()
    for one, (aspect, text) in product([*single, *several, *unsent], WORDS.items()):
        said = await ask(one, text)
        assert said or aspect in OF_STATES, (one, aspect)
        for answer in said:
            answered.add(aspect)
            assert len(answer) <= 320, answer
            assert not re.search(r"  | [.,]|!|[.]{2}|{", answer), answer
    assert answered == set(Aspect)


async def test_of_several_parcels_the_one_that_needs_something_is_meant(ask):
    split = order(
        "#1",
        parcel(Verdict.DELIVERED, status=Status.DELIVERED, items=("1 × cap",)),
        parcel(Verdict.LOST_SUSPECTED, items=("1 × belt",)),
    )
    assert (await ask(split, "what now"))[0].startswith("Parcel 2 (1 × belt): ")
    assert (await ask(split, "who signed for it"))[0].startswith("Parcel 1 (1 × cap): ")


async def test_before_any_answer_only_a_delivery_is_asked_about(ask):
    delivered = order("#1", parcel(Verdict.DELIVERED, status=Status.DELIVERED))
    assert await ask(delivered, "what does that mean", told=False) == []
    assert "no photo" in (await ask(delivered, "is there a photo", told=False))[0]


async def test_a_carrier_is_asked_by_a_person_who_is_told_why(ask):
    desk = shop()
    late = desk.orders["1004"][0]
    await ask(late, "can you chase them", desk=desk)
    assert desk.tickets == [(1, Reason.OVERDUE, "#1004")]
    assert "can you chase them" in desk.notes[1]
