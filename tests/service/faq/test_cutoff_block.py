"""The season's block, at the moments at which it changes."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from faq import cutoffs, shop
from faq.content import parse
from faq.render import Renderer
from service.faq.cutoff_block import blocks, left
from tests.service.faq.conftest import CHRISTMAS
from tests.service.faq.conftest import cutoffs as cutoffs_of

LONDON = ZoneInfo("Europe/London")
TODAY = date(2026, 12, 4)  # home: over on 3, fast until 14; away: until 19; a gift card until 23
RENDERER = Renderer(shop.Shop(), cutoffs.parse(cutoffs_of(TODAY)))
ARTICLE = parse(CHRISTMAS, lang="en", slug="christmas")


def on(day, hour, minute=0):
    return datetime(2026, 12, day, hour, minute, tzinfo=LONDON)


def seen(at, market="GB", lang="en"):
    return blocks([ARTICLE], RENDERER, lang, at=at, market=market)


@pytest.mark.parametrize(
    ("at", "lefts"),
    [
        (on(3, 11, 59), ["1 minute left", "11 days left", "16 days left"]),
        (on(3, 12), ["0 minutes left", "11 days left", "16 days left"]),
        (on(3, 12, 1), [None, "10 days left", "15 days left"]),
        (on(13, 12), [None, "24 hours left", "6 days left"]),
        (on(14, 12, 1), [None, None, "4 days left"]),
    ],
)
def test_each_line_says_what_is_left_and_never_more(at, lefts):
    [block] = seen(at)
    assert [line.left for line in block.lines] == lefts


def test_the_reader_s_destination_comes_first_and_the_season_goes_when_all_is_over():
    [block] = seen(on(4, 9), market="ES")
    assert [(line.zone, line.own) for line in block.lines] == [
        ("Europe", True),
        ("The UK", False),
        ("The UK", False),
    ]
    assert block.instead == ("a gift card, until Wednesday, 23 December, 23:00",)
    assert seen(on(19, 12, 1)) == []


def test_what_is_left_in_each_language():
    for lang, words in (
        ("es", "quedan 3 días"),
        ("fr", "encore 3\xa0jours"),
        ("de", "noch 3 Tage"),
    ):
        assert left(timedelta(days=3, hours=23), lang, Locale.parse(lang)) == words
