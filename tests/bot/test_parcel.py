"""What is said about a parcel, with the shop's words put in as Rasa puts them in."""

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from bot.actions.parcel import ANGLES, FAILED, LEFT, NEED, STAGE, say_parcel
from kit.errors import Unavailable
from tests.bot.desk import DAY, NOW, parcel
from tracking_lookup.contract import Window
from tracking_lookup.model import Assessment, Detail, Status, Verdict

DOWN = Unavailable("ups", "time-out")


@pytest.fixture(scope="session")
def say(domain):
    """The text a shopper reads."""

    def say(answer, *, subject="Your order #1001", question="order_status"):
        said = say_parcel(
            answer, subject=subject, question=question, now=NOW, zone=ZoneInfo("Europe/London")
        )
        (response,) = domain["responses"][said.response]
        return re.sub(r"{(\w+)}", lambda m: said.variables[m[1]], response["text"])

    return say


@pytest.mark.parametrize("verdict", Verdict)
def test_every_answer_fits_an_sms(say, verdict):
    details, faults = [None, *Detail], [None, DOWN]
    angles = [question for question, of in ANGLES if of is verdict]
    questions = ["order_status", "delivery_date", *angles]
    for status, detail, fault, question in product(Status, details, faults, questions):
        text = say(
            parcel(
                verdict,
                status=status,
                detail=detail,
                scanned=200 * DAY,
                place="Llanfairpwllgwyngyll Sorting and Distribution Centre North",
                promised=70 * DAY,
                carrier_name="Österreichische Paketpost und Kurierdienste",
                fault=fault,
                fetched=3 * DAY,
                link="https://www.canadapost-postescanada.ca/track-reperage/en#/details/"
                + 26 * "9",
            ),
            subject="Parcel 12 (2 × thick merino wool socks… and 14 more)",
            question=question,
        )
        assert len(text) <= 320, text
        assert not re.search(r"  | [.,]|!|[.]{2}", text), text


def test_each_kind_of_need_has_its_answer(domain):
    for kind in NEED.values():
        assert f"utter_parcel_needs_customer_{kind}" in domain["responses"]


def test_a_label_is_never_on_its_way(say):
    for question in ("order_status", "delivery_date", "not_shipped_yet"):
        text = say(
            parcel(Verdict.LABEL_ONLY, status=Status.LABEL_CREATED, scanned=5 * DAY),
            question=question,
        )
        assert "on its way" not in text
        assert "printed 5 days ago, Wednesday 18 November" in text


@pytest.mark.parametrize(
    "verdict",
    [
        Verdict.MOVING,
        Verdict.QUIET,
        Verdict.OVERDUE,
        Verdict.NEEDS_CUSTOMER,
        Verdict.COMING_BACK,
        Verdict.LOST_SUSPECTED,
    ],
)
def test_the_age_of_the_last_scan_is_said(say, verdict):
    old = say(parcel(verdict, scanned=3 * DAY + timedelta(hours=1)))
    assert "last scanned 3 days ago in Leipzig, Friday 20 November" in old
    fresh = say(parcel(verdict, scanned=timedelta(hours=5)))
    assert "last scanned 5 hours ago in Leipzig." in fresh


def test_a_silent_carrier_is_said_to_be_silent(say):
    text = say(parcel(Verdict.MOVING, fault=DOWN, fetched=timedelta(hours=2)))
    assert text == (
        "The carrier (UPS) isn't answering right now. At the last check, 2 hours ago, "
        "your order #1001 was on its way with UPS. It was last scanned 3 hours ago."
    )


def test_a_silent_carrier_with_nothing_known(say):
    text = say(parcel(Verdict.NO_DATA, fault=DOWN, known=False))
    assert "(UPS) is not answering right now" in text
    assert "your order #1001" in text


def test_without_a_date_it_says_so(say):
    text = say(parcel(Verdict.MOVING), question="delivery_date")
    assert text == (
        "There is no delivery date yet. Your order #1001 is on its way with UPS. "
        "It was last scanned 3 hours ago in Leipzig."
    )


def test_a_late_parcel_is_not_given_a_date_first(say):
    text = say(parcel(Verdict.OVERDUE, promised=-2 * DAY), question="delivery_date")
    assert text.startswith("Your order #1001 is late: promised for Saturday 21 November")


@pytest.mark.parametrize(
    ("verdict", "detail", "words"),
    [
        (Verdict.NEEDS_CUSTOMER, Detail.CUSTOMS_ACTION_REQUIRED, "held by customs"),
        (Verdict.NEEDS_CUSTOMER, Detail.PAYMENT_DUE, "import charge"),
        (Verdict.NEEDS_CUSTOMER, Detail.ADDRESS_PROBLEM, "address"),
        (Verdict.NEEDS_CUSTOMER, Detail.AT_PICKUP_POINT, "collect at Leipzig"),
        (Verdict.NEEDS_CUSTOMER, Detail.OTHER, "contact them"),
        (Verdict.MOVING, Detail.CUSTOMS_PROCESSING, STAGE[Detail.CUSTOMS_PROCESSING]),
        (Verdict.DELIVERED, Detail.TO_LOCKER, LEFT[Detail.TO_LOCKER]),
        (Verdict.FAILED_ATTEMPT, Detail.BUSINESS_CLOSED, FAILED[Detail.BUSINESS_CLOSED]),
    ],
)
def test_the_carriers_reason_is_passed_on(say, verdict, detail, words):
    assert words in say(parcel(verdict, detail=detail))


def test_what_is_normal_is_what_the_shops_own_parcels_have_shown(say):
    usual = parcel(Verdict.QUIET)
    known = replace(usual.lookup.known, normal_gap=timedelta(days=1, hours=3))
    assert "Gaps of up to 3 working days" in say(usual)
    assert "Gaps of up to 2 working days" in say(
        replace(usual, lookup=replace(usual.lookup, known=known))
    )


@pytest.mark.parametrize(("question", "verdict"), ANGLES)
def test_each_angle_keeps_to_the_truth(say, question, verdict):
    text = say(parcel(verdict, promised=DAY), question=question)
    assert "on its way with UPS" in text
    assert "last scanned 3 hours ago" in text
    assert text != say(parcel(verdict, promised=DAY))
    silent = say(parcel(verdict, promised=DAY, fault=DOWN), question=question)
    assert silent == say(parcel(verdict, promised=DAY, fault=DOWN))


def test_a_page_to_follow_it_is_named_where_there_is_room(say):
    link = "https://www.ups.com/track?tracknum=1Z999AA10123456784"
    assert say(parcel(Verdict.MOVING, link=link)).endswith(f"in Leipzig. Follow it: {link}")
    assert link not in say(parcel(Verdict.MOVING, link=link), subject="Parcel 2 " + 200 * "x")


def test_the_learned_window_answers_when(say):
    answer = parcel(Verdict.MOVING, promised=9 * DAY)
    window = Window(date(2026, 11, 26), date(2026, 11, 28), date(2026, 11, 28), "It took 3 days.")
    known = replace(answer.lookup.known, window=window)
    answer = replace(answer, lookup=replace(answer.lookup, known=known))
    text = say(answer, question="delivery_date")
    start = "It should arrive between Thursday 26 and Saturday 28 November. It took 3 days. "
    assert text.startswith(start)
    assert "It should arrive between Thursday 26" in say(answer)
    assert "It took" not in say(answer)
    was = replace(window, was=(date(2026, 11, 24), date(2026, 11, 24)))
    moved = replace(answer, lookup=replace(answer.lookup, known=replace(known, window=was)))
    text = say(moved, question="delivery_date")
    assert "Earlier we expected it tomorrow, Tuesday 24 November. It took" in text
    # The carrier's hours of today say more than days do.
    tracking = replace(known.tracking, promised_from=NOW + DAY / 24, promised_to=NOW + DAY / 6)
    exact = replace(answer, lookup=replace(answer.lookup, known=replace(known, tracking=tracking)))
    assert "between 13:00 and 16:00" in say(exact)
    # A delivered parcel has no date to come.
    lookup = replace(answer.lookup, assessment=Assessment(Verdict.DELIVERED, "test"))
    assert "should arrive" not in say(replace(answer, lookup=lookup), question="delivery_date")
