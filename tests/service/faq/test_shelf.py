import asyncio
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from faq.model import Answer, Article, Decision, Hit
from kit import clock
from service.faq import service as faq
from service.faq.models import FaqFeedback, FaqQuestion
from tests.support.serving import serve

ROPES = "---\ntitle: Do you sell climbing ropes?\nshort: Yes.\n---\n"
TODAY = date(2026, 11, 23)


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "articles/en"
    folder.mkdir(parents=True)
    (folder / "ropes.md").write_text(ROPES)
    return folder


def slugs(app):
    return [article.slug for article in app.state.runtime.faq.articles]


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - a file's change has no event
            await asyncio.sleep(0.02)


async def test_a_changed_file_is_served_and_a_broken_one_leaves_the_others(
    run_service, rasa, files
):
    async with (
        serve(rasa.app()) as rasa_url,
        run_service(rasa_url, faq_content=files.parent) as app,
    ):
        assert slugs(app) == ["ropes"]
        (files / "tents.md").write_text(ROPES.replace("climbing ropes", "tents"))
        (files / "broken.md").write_text("---\ntitle: [\n---\n")
        await until(lambda: slugs(app) == ["ropes", "tents"])
        hits = app.state.runtime.faq.search("do you sell tents", at=TODAY).hits
        assert hits[0].article.slug == "tents"


def answer(decision, *, score=0.9):
    return Answer(decision, (Hit(Article("ropes", "en", "Ropes"), score),))


async def test_questions_are_kept_without_personal_data_and_rated_by_the_newest_answer(sessions):
    now = clock.now()
    text = "is order 1001 of ana@example.com a rope?"
    async with sessions.begin() as session:
        await faq.asked(session, text, answer(Decision.ANSWER), lang="en", now=now)
        await faq.asked(session, "tents", Answer(Decision.NONE, ()), lang="en", now=now)
        await faq.rated(session, 1, helped=True, now=now)  # nothing was said in conversation 1
    async with sessions() as session:
        first, second = (await session.scalars(select(FaqQuestion).order_by(FaqQuestion.id))).all()
        assert first.text == "is order [number] of [e-mail] a rope?"
        assert (first.decision, first.article, first.score) == ("answer", "ropes", 0.9)
        assert (second.decision, second.article, second.score) == ("none", None, 0.0)
        assert (await session.scalars(select(FaqFeedback))).all() == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("call 01632 960123 or +44 1632 960-123", "call [number] or [number]"),
        ("1Z999AA10123456784 is late", "[number] is late"),
        ("to SW1A 1AA please", "to [postcode] please"),
        ("see https://shop.example/o/12?t=abc", "see [link]"),
        ("my name is Ana, can I return this?", "[name], can I return this?"),
        ("free over £60? 3-5 days?", "free over £60? 3-5 days?"),
    ],
)
def test_personal_data_are_taken_out(text, kept):
    assert faq.without_personal_data(text) == kept


@given(st.text(max_size=300), st.integers(10**6, 10**13))
def test_no_long_number_is_kept(text, number):
    assert str(number) not in faq.without_personal_data(f"{text} {number} {text}")
