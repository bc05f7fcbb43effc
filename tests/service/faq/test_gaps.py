"""What the articles do not answer: gathered, counted, ranked; one click starts an article."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.actions.contract import Reason
from faq.content import parse
from faq.model import Answer, Article, Decision, Hit
from kit import clock
from kit.embedding import Embedder
from service.conversations.service import open_conversation
from service.faq import gaps
from service.faq import service as faq
from service.faq.models import FaqQuestion
from service.hours.model import Hours
from service.hours.terms import Terms
from service.inbox import handover

NOTHING = Answer(Decision.NONE, ())
FOUND = Answer(Decision.ANSWER, (Hit(Article("returns", "en", "Returns"), 0.9),))


@pytest.fixture
def ask(sessions):
    async def ask(text, answer=NOTHING, *, lang="en", address=None, ago=timedelta(hours=1)):
        async with sessions.begin() as session:
            conversation = await open_conversation(session, "web", address) if address else None
            now = clock.now() - ago
            await faq.asked(
                session,
                text,
                answer,
                lang=lang,
                now=now,
                conversation_id=conversation.id if conversation else None,
            )
            return conversation

    return ask


@pytest.fixture
def found(sessions):
    async def found(encoder=None):
        async with sessions() as session:
            asked = await gaps.unanswered(session, now=clock.now())
        return gaps.cluster(asked, encoder, frozenset({"en"}))

    return found


async def test_questions_of_one_meaning_are_one_gap_and_the_most_frequent_comes_first(ask, found):
    for text in (
        "do you sell skis",
        "can I rent a tent",
        "do you rent out tents",
        "Do you sell skis",
        "is it possible to hire a tent for a weekend",
        "can I buy skis here",
        "can a tent be rented? I am ana@example.com",
        "how much do snow chains cost",
    ):
        await ask(text)
    await ask("an old question", ago=timedelta(days=91))
    by_meaning = await found(Embedder())
    assert [gap.count for gap in by_meaning] == [4, 3, 1]
    tents, skis, _ = by_meaning
    assert "tent" in tents.title
    assert skis.title.lower() == "do you sell skis"
    assert "ana@example.com" not in str(by_meaning)
    assert by_meaning == await found(Embedder())
    assert sum(gap.count for gap in await found()) == 8  # by letters nothing is lost either


async def test_each_reason_counts_once_by_the_strongest(ask, found, sessions):
    now = clock.now()
    await ask("do you sell skis", FOUND, address="a", ago=timedelta(minutes=5))
    handed = await ask("can I pay in shells", NOTHING, address="b", ago=timedelta(minutes=5))
    await ask("long before a handoff", FOUND, address="b", ago=timedelta(minutes=50))
    disliked = await ask("may I send it back", FOUND, address="c", ago=timedelta(minutes=5))
    await ask("was it good", FOUND, address="d")
    async with sessions.begin() as session:
        await handover.hand_over(
            session, handed, Reason.ASKED, terms=Terms(Hours(ZoneInfo("UTC"))), now=now
        )
        await faq.rated(session, disliked.id, helped=False, now=now)
    kept = {gap.title: gap for gap in await found()}
    assert kept.keys() == {"can I pay in shells", "may I send it back"}
    assert kept["can I pay in shells"].whys == ((gaps.Why.HANDED_OVER, 1),)
    assert kept["may I send it back"].whys == ((gaps.Why.THUMBS_DOWN, 1),)
    assert kept["may I send it back"].articles == ("returns",)


async def test_the_page_ranks_gaps_starts_articles_and_lists_what_needs_a_look(
    editor, ask, sessions, files, today
):
    for text in ("do you sell skis", "do you sell skis?", "verleiht ihr Zelte"):
        await ask(text, lang="de" if "Zelte" in text else "en")
    ending = today + timedelta(days=3)
    window = f"valid_from: {today}\nvalid_until: {ending}\n"
    (files / "en/sale.md").write_text(f"---\ntitle: Sale?\n{window}---\nYes, in 2026.\n")
    (files / "de/christmas.md").write_text(f"---\ntitle: Wann?\n{window}---\nJetzt.\n")
    async with sessions.begin() as session:
        await faq.rated_on_page(session, "returns", "en", helped=False, now=clock.now())
    page = await editor.open("/gaps")
    assert "3 questions without a good answer" in page.text
    assert page.text.index("do you sell skis") < page.text.index("verleiht ihr Zelte")
    assert "en/returns</a>: 1 no, 0 yes" in page.text
    contradictions, renewals = (
        page.text.partition(heading)[2].partition("</section>")[0]
        for heading in ("Dates that contradict each other", "Dates to renew")
    )
    assert "de/christmas.md:1: it is valid on other days than in en" in contradictions
    assert "the year 2026 is typed into the text" in renewals
    assert "en/sale.md" not in contradictions
    started = await editor.open("/new?lang=en&title=do+you+sell+skis%3F&q=do+you+sell+skis")
    assert "questions:\n  - &#34;do you sell skis&#34;" in started.text


def test_what_ends_soon_and_only_that():
    def article(window):
        return parse(f"---\ntitle: T\n{window}---\nB\n", lang="en", slug="a")

    soon = article("valid_from: 11-01\nvalid_until: 12-24\n")
    today = date(2026, 12, 1)
    assert gaps.ending([soon], today, "GB") == [(soon, date(2026, 12, 24))]
    assert gaps.ending([soon], date(2026, 11, 2), "GB") == []  # in 52 days
    assert gaps.ending([soon], date(2026, 12, 25), "GB") == []  # over, and not shown
    assert gaps.ending([article("")], today, "GB") == []


async def test_what_readers_asked_is_forgotten_after_a_year(ask, sessions):
    await ask("old on the page", ago=timedelta(days=366))
    await ask("old in a conversation", address="a", ago=timedelta(days=366))
    await ask("new on the page", ago=timedelta(days=30))
    async with sessions.begin() as session:
        await faq.forget(session, now=clock.now())
    async with sessions() as session:
        kept = set(await session.scalars(select(FaqQuestion.text)))
    assert kept == {"old in a conversation", "new on the page"}
