from datetime import date
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faq.content import load
from faq.evaluate import read
from faq.model import Article, Decision
from faq.search import ANSWER_AT, Faq

HERE = Path(__file__).parent
AUTUMN = date(2026, 11, 22)
PARAPHRASES = list(read((HERE / "paraphrases.jsonl").read_text().splitlines()))
UNANSWERABLE = (HERE / "unanswerable.txt").read_text().splitlines()


@pytest.fixture(scope="module")
def faq():
    return Faq(load()[0])


def article(slug, *questions, lang="en", **validity):
    return Article(
        slug=slug,
        lang=lang,
        title=questions[0],
        questions=questions[1:],
        topics=("test",),
        short="Short.",
        body="Long.",
        **validity,
    )


def first(answer):
    return answer.hits[0].article.slug if answer.hits else None


def test_paraphrases_find_their_article_and_no_other_is_answered(faq):
    found = [(q, faq.search(q.text, at=AUTUMN)) for q in PARAPHRASES]
    answered = [(q, a) for q, a in found if a.decision is Decision.ANSWER]
    assert [q.text for q, a in answered if first(a) != q.article] == []
    assert len(answered) >= 0.88 * len(PARAPHRASES)


@pytest.mark.parametrize("article", load()[0], ids=lambda a: a.slug)
def test_an_article_is_found_by_its_own_title(faq, article):
    answer = faq.search(article.title, at=AUTUMN)
    assert (answer.decision, first(answer)) == (Decision.ANSWER, article.slug)


@pytest.mark.parametrize("text", UNANSWERABLE)
def test_what_is_no_faq_is_not_answered(faq, text):
    assert faq.search(text, at=AUTUMN).decision is Decision.NONE


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("refnd time", "refund-timing"),
        ("RETURN POLICY!!!", "returns-policy"),
        ("do you accept paypall", "payment-methods"),
        ("cancle my order pls", "change-or-cancel-order"),
        ("gift card balence", "gift-cards"),
        ("what’s your warrenty", "warranty"),
        ("do you ship to Côte d’Ivoire", "international-delivery"),
    ],
)
def test_typos_case_and_accents_are_forgiven(faq, text, slug):
    answer = faq.search(text, at=AUTUMN)
    assert (answer.decision, first(answer)) == (Decision.ANSWER, slug)


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (date(2026, 10, 31), False),
        (date(2026, 11, 1), True),
        (date(2026, 12, 24), True),
        (date(2026, 12, 25), False),
    ],
)
def test_an_article_is_shown_from_its_first_day_to_its_last(faq, day, shown):
    hits = faq.search("last day to order for christmas", at=day).hits
    assert ("christmas-cutoff" in [hit.article.slug for hit in hits]) is shown


@pytest.mark.parametrize(
    ("validity", "days"),
    [
        ({"valid_from": date(2026, 12, 1)}, [False, True, True]),
        ({"valid_until": date(2026, 12, 1)}, [True, True, False]),
        ({}, [True, True, True]),
    ],
)
def test_an_open_end_has_no_limit(validity, days):
    faq = Faq([article("ropes", "climbing ropes", **validity)])
    asked = [date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 2)]
    assert [bool(faq.search("climbing ropes", at=day).hits) for day in asked] == days


def test_an_article_out_of_season_does_not_stand_in_the_way():
    faq = Faq(
        [
            article("ropes", "climbing ropes"),
            article("ropes-sale", "climbing ropes", valid_until=date(2026, 1, 1)),
        ]
    )
    assert faq.search("climbing ropes", at=AUTUMN).decision is Decision.ANSWER
    assert faq.search("climbing ropes", at=date(2026, 1, 1)).decision is Decision.CHOOSE


def test_two_close_articles_are_offered_as_a_choice():
    faq = Faq(
        [
            article("short", "short climbing ropes"),
            article("long", "long climbing ropes"),
            article("shoes", "climbing shoes"),
        ]
    )
    answer = faq.search("climbing ropes", at=AUTUMN)
    assert answer.decision is Decision.CHOOSE
    assert [hit.article.slug for hit in answer.choices] == ["long", "short"]
    assert [hit.article.slug for hit in answer.hits] == ["long", "short", "shoes"]
    assert answer.choices[0].score >= ANSWER_AT


def test_the_choice_is_gone_once_the_question_tells_them_apart():
    faq = Faq([article("long", "long climbing ropes"), article("short", "short climbing ropes")])
    answer = faq.search("short climbing ropes", at=AUTUMN)
    assert (answer.decision, first(answer)) == (Decision.ANSWER, "short")
    assert answer.choices == ()


def test_a_language_sees_its_own_articles_only():
    faq = Faq([article("seile", "Kletterseile", lang="de"), article("ropes", "climbing ropes")])
    assert first(faq.search("Kletterseile", lang="de", at=AUTUMN)) == "seile"
    assert faq.search("Kletterseile", at=AUTUMN).hits == ()
    assert faq.search("climbing ropes", lang="xx", at=AUTUMN).decision is Decision.NONE


def test_hits_are_ranked_and_limited(faq):
    answer = faq.search("delivery cost", at=AUTUMN, limit=3)
    assert len(answer.hits) == 3
    assert list(answer.hits) == sorted(answer.hits, key=lambda hit: -hit.score)


def test_the_order_of_the_articles_changes_nothing(faq):
    turned = Faq(reversed(load()[0]))
    for question in PARAPHRASES:
        assert turned.search(question.text, at=AUTUMN) == faq.search(question.text, at=AUTUMN)


def test_no_articles_answer_nothing():
    assert Faq([]).search("returns", at=AUTUMN).decision is Decision.NONE


@settings(deadline=None)
@given(
    text=st.text(alphabet=st.characters(), max_size=300)
    | st.text(alphabet="return refund xmas’'-\n\0\u202e👟", max_size=300)
)
def test_any_text_is_searched(faq, text):
    answer = faq.search(text, at=AUTUMN)
    assert all(0 < hit.score <= 1 for hit in answer.hits)
    assert (answer.decision is not Decision.NONE) <= bool(answer.hits)
    assert answer == faq.search(text, at=AUTUMN)


def test_a_search_among_eighty_articles_takes_under_three_milliseconds():
    copies = [
        article(
            f"{found.slug}-{copy}", found.title, *(f"{q} {copy * 'x'}" for q in found.questions)
        )
        for found in load()[0]
        for copy in range(4)
    ]
    assert len(copies) >= 80
    faq = Faq(copies)
    took = []
    for question in PARAPHRASES:
        began = perf_counter()
        faq.search(question.text, at=AUTUMN)
        took.append(perf_counter() - began)
    assert sorted(took)[len(took) // 2] < 0.003


def test_a_very_long_message_is_searched_in_no_time(faq):
    began = perf_counter()
    faq.search("refunds and othr thngs " * 15_000, at=AUTUMN)
    assert perf_counter() - began < 0.2
