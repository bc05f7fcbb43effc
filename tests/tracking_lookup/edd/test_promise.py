from datetime import date, timedelta

import pytest

from tracking_lookup.edd.promise import Estimate, Promise, Why, promise, say
from tracking_lookup.model import Verdict

TODAY = date(2026, 11, 20)


def estimate(first, likely, last):
    days = [TODAY + timedelta(days=n) for n in (first, likely, last)]
    because = "Parcels on this route took 3 to 6 days lately."
    return Estimate(*days, by="model", because=because, latest=days[-1])


def told(first, last):
    return Promise(TODAY + timedelta(days=first), TODAY + timedelta(days=last), "", "model")


def ask(guess, before=None, verdict=Verdict.MOVING, **others):
    return promise(guess, verdict, today=TODAY, before=before, **others)


def test_the_first_promise_is_the_window_and_keeps_the_other_dates():
    shop, carrier = date(2026, 12, 1), date(2026, 11, 27)
    now, move = ask(estimate(2, 4, 6), shop=shop, carrier=carrier)
    assert (now.first, now.last) == (date(2026, 11, 22), date(2026, 11, 26))
    assert (now.shop, now.carrier) == (shop, carrier)
    assert move is not None
    assert (move.why, move.matters) == (Why.FIRST, False)


def test_a_narrow_window_is_one_day():
    now, _ = ask(estimate(2, 3, 3))
    assert now.first == now.last == TODAY + timedelta(days=3)


def test_never_in_the_past():
    now, move = ask(estimate(-5, -3, -1), before=told(-6, -1))
    assert now.first == now.last == TODAY
    assert move is not None
    assert (move.why, move.matters) == (Why.PASSED, True)


@pytest.mark.parametrize(
    "verdict",
    [Verdict.LOST_SUSPECTED, Verdict.COMING_BACK, Verdict.DELIVERED, Verdict.NEEDS_CUSTOMER],
)
def test_hidden_where_a_date_would_mean_nothing_and_shown_again(verdict):
    hidden, move = ask(estimate(1, 2, 4), before=told(1, 4), verdict=verdict)
    assert hidden.is_hidden
    assert say(hidden) == ""
    assert move is not None
    assert move.why is Why.HIDDEN
    shown, back = ask(estimate(1, 2, 4), before=hidden)
    assert not shown.is_hidden
    assert back is not None
    assert back.why is Why.SHOWN_AGAIN


def test_small_changes_back_and_forth_change_nothing():
    now, moves = told(2, 6), []
    for guess in (estimate(3, 4, 7), estimate(2, 4, 5), estimate(1, 3, 7), estimate(2, 5, 6)):
        now, move = ask(guess, before=now)
        moves.append(move)
    assert moves == [None] * 4
    assert (now.first, now.last) == (told(2, 6).first, told(2, 6).last)


@pytest.mark.parametrize(
    ("guess", "why"),
    [
        (estimate(6, 8, 12), Why.LATER),
        (estimate(0, 1, 3), Why.EARLIER),
        (estimate(3, 4, 4), Why.NARROWER),
    ],
)
def test_a_real_change_is_a_move_with_its_reason(guess, why):
    now, move = ask(guess, before=told(2, 7))
    assert move is not None
    assert move.why is why
    assert move.now == now
    assert move.matters is (why is not Why.NARROWER)


def test_a_day_that_passed_leaves_the_window_without_news():
    now, move = ask(estimate(1, 2, 4), before=told(-2, 4))
    assert (now.first, move) == (TODAY, None)


def test_said_in_words():
    assert say(told(6, 8)) == "Thursday 26 to Saturday 28 November"
    assert say(told(6, 6)) == "Thursday 26 November"
    assert say(told(9, 12)) == "Sunday 29 November to Wednesday 2 December"
