from datetime import date
from pathlib import Path
from time import perf_counter
from zlib import crc32
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng

from faq.base import Sources
from faq.base import read as read_base
from faq.evaluate import Question, evaluate
from faq.evaluate import read as read_questions
from faq.meaning import Vectors
from faq.model import Article, Decision
from faq.search import ANSWER_AT, Faq
from faq.season import Window, read
from kit.embedding import embedder

HERE = Path(__file__).parent
AUTUMN = date(2026, 11, 22)
PARAPHRASES = list(read_questions((HERE / "paraphrases.jsonl").read_text().splitlines()))[::7]
ROOT = HERE.parents[1]


@pytest.fixture(scope="module")
def faq():
    """Our own articles, by words and letters alone."""
    base = read_base(Sources(), on=AUTUMN, zone=ZoneInfo("Europe/London"))
    return Faq(base.articles, renderer=base.renderer)


@pytest.fixture(scope="module")
def vectors():
    """Sentence vectors, which are kept from run to run."""
    return Vectors(embedder(int8=True), ROOT / "var/faq/tests.npz")


@pytest.fixture(scope="module")
def by_meaning(faq, vectors):
    """Our own articles by meaning, too."""
    made = Faq(faq.articles, renderer=faq.renderer, vectors=vectors)
    vectors.save()
    return made


def article(slug, *questions, lang="en", **more):
    return Article(
        slug=slug,
        lang=lang,
        title=questions[0],
        questions=questions[1:],
        topics=("test",),
        short="Short.",
        body="Long.",
        **more,
    )


def first(answer):
    return answer.hits[0].article.slug if answer.hits else None


def test_an_article_is_found_by_its_phrasings(by_meaning):
    for one in by_meaning.articles:
        if one.lang != "en" or not one.shown(AUTUMN):
            continue
        for phrasing in (one.title, *one.questions[::6]):
            answer = by_meaning.search(phrasing, at=AUTUMN)
            assert one.slug in [hit.article.slug for hit in answer.hits], phrasing


@pytest.mark.parametrize("text", ["where is my order", "where is my order 1001?", "track my order"])
def test_where_an_order_is_no_article_knows(faq, text):
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
def test_typos_case_and_accents_are_forgiven(by_meaning, text, slug):
    answer = by_meaning.search(text, at=AUTUMN)
    offered = [hit.article.slug for hit in answer.choices] or [first(answer)]
    assert answer.decision is not Decision.NONE
    assert slug in offered


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("is it too late for the 25th", "christmas-cutoff"),
        ("do you ship to the US", "international-delivery"),
        ("which days do you not deliver on", "bank-holidays"),
        ("when u getting more in", "back-in-stock"),
    ],
)
def test_a_question_of_common_words_is_not_taken_for_one_about_an_order(by_meaning, text, slug):
    answer = by_meaning.search(text, at=AUTUMN)
    assert answer.decision is not Decision.NONE
    assert first(answer) == slug


@pytest.mark.parametrize("day", [AUTUMN, date(2026, 12, 12)])
@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("last day to order for Christmas to Spain by standard post", "en"),
        ("xmas cutoff for America, express", "en"),
        ("último día para Navidad a Francia por envío estándar", "es"),
        ("dernier jour pour Noël vers l'Espagne en standard", "fr"),
        ("letzter Tag für Weihnachten nach Spanien mit Standardversand", "de"),
    ],
)
def test_a_season_with_a_place_or_a_service_is_answered_from_the_table(by_meaning, text, lang, day):
    answer = by_meaning.search(text, lang=lang, at=day)
    assert (answer.decision, first(answer)) == (Decision.ANSWER, "christmas-cutoff")


def test_most_of_what_no_article_answers_is_refused(by_meaning):
    lines = (HERE / "unanswerable.txt").read_text().splitlines()[::2]
    refused = [by_meaning.search(q, at=AUTUMN).decision is Decision.NONE for q in lines]
    lost = [
        by_meaning.search(q.text, at=q.at or AUTUMN).decision is Decision.NONE for q in PARAPHRASES
    ]
    assert sum(refused) >= 0.9 * len(refused)
    assert sum(lost) <= 0.05 * len(lost)


@pytest.mark.parametrize(
    ("validity", "days"),
    [
        (Window(read("2026-12-01"), None), [False, True, True]),
        (Window(None, read("2026-12-01")), [True, True, False]),
        (Window(), [True, True, True]),
    ],
)
def test_an_open_end_has_no_limit(validity, days):
    faq = Faq([article("ropes", "climbing ropes", window=validity)])
    asked = [date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 2)]
    assert [bool(faq.search("climbing ropes", at=day).hits) for day in asked] == days


def test_an_article_out_of_season_does_not_stand_in_the_way():
    faq = Faq(
        [
            article("ropes", "climbing ropes"),
            article("ropes-sale", "climbing ropes", window=Window(None, read("2026-01-01"))),
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
    turned = Faq(reversed(faq.articles), renderer=faq.renderer)
    for question in PARAPHRASES:
        assert turned.search(question.text, at=AUTUMN) == faq.search(question.text, at=AUTUMN)


def test_only_articles_for_the_market_and_the_channel_are_found():
    faq = Faq(
        [
            article("home", "climbing ropes at home", markets=frozenset({"GB"})),
            article("web", "climbing ropes on the web", channels=frozenset({"web"})),
        ]
    )

    def found(**where):
        return {h.article.slug for h in faq.search("climbing ropes", at=AUTUMN, **where).hits}

    assert found() == {"home", "web"}
    assert found(market="ES", channel="telegram") == set()
    assert found(market="GB", channel="telegram") == {"home"}
    assert found(market="ES", channel="web") == {"web"}


def test_of_articles_that_fit_alike_the_one_with_priority_is_answered():
    plain, seasonal = article("a", "climbing ropes"), article("b", "climbing ropes", priority=1)
    answer = Faq([plain, seasonal]).search("climbing ropes", at=AUTUMN)
    assert (answer.decision, first(answer)) == (Decision.ANSWER, "b")


def test_other_articles_take_the_place_of_the_former():
    faq = Faq([article("ropes", "climbing ropes")])
    faq.replace([article("shoes", "climbing shoes")])
    assert [a.slug for a in faq.articles] == ["shoes"]
    assert faq.article("ropes", "en") is None
    assert first(faq.search("climbing shoes", at=AUTUMN)) == "shoes"


def test_meaning_finds_what_shares_no_word(by_meaning, faq):
    ours = sum(
        first(by_meaning.search(q.text, at=q.at or AUTUMN)) == q.article for q in PARAPHRASES
    )
    words = sum(first(faq.search(q.text, at=q.at or AUTUMN)) == q.article for q in PARAPHRASES)
    assert ours > words
    assert ours >= 0.88 * len(PARAPHRASES)


@pytest.mark.parametrize(("field", "least"), [("bank", 0.58), ("gym", 0.5), ("library", 0.6)])
def test_a_base_of_questions_alone_is_searched_whatever_its_field(vectors, field, least):
    articles, questions = [], []
    for line in (HERE / f"fields/{field}.txt").read_text().splitlines():
        if line.startswith(" "):
            questions.append(Question(line.strip(), articles[-1].slug))
        else:
            articles.append(article(f"a{len(articles)}", line))
    found = Faq(articles, vectors=vectors)
    assert evaluate(found, questions, at=AUTUMN).p_at_1 >= least


class Counting:
    """An encoder that keeps what it is given; a text's vector is any, but always the same."""

    def __init__(self):
        self.texts = []

    def words(self):
        return set()

    def layers(self, texts):
        self.texts += texts
        rows = np.stack([default_rng(crc32(text.encode())).normal(size=(7, 200)) for text in texts])
        return (rows / np.linalg.norm(rows, axis=2, keepdims=True)).astype(np.float32)


def test_a_change_of_one_article_makes_the_vectors_of_its_new_texts_alone():
    encoder = Counting()
    articles = [article("ropes", "climbing ropes", "long ropes"), article("shoes", "shoes")]
    faq = Faq(articles, vectors=Vectors(encoder))
    encoder.texts.clear()
    faq.replace([article("ropes", "climbing ropes", "short ropes"), articles[1]])
    assert encoder.texts == ["short ropes"]
    assert first(faq.search("short ropes", at=AUTUMN)) == "ropes"


def test_titles_alone_can_be_searched(by_meaning, vectors):
    titles = [Article(a.slug, a.lang, a.title) for a in by_meaning.articles if a.shown(AUTUMN)]
    faq = Faq(titles, vectors=vectors)
    for one in titles:
        if one.lang == "en":
            assert first(faq.search(one.title, at=AUTUMN)) == one.slug


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


def test_a_very_long_message_is_searched_in_no_time(faq):
    began = perf_counter()
    faq.search("refunds and othr thngs " * 15_000, at=AUTUMN)
    assert perf_counter() - began < 0.2
