from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faq.base import Sources, read
from faq.check import check
from faq.content import MAX_SHORT_CHARS, load
from faq.model import Link

GOOD = """\
---
title: Do you sell ropes?
questions:
  - climbing rope
  - yes
topics: [products]
short: >-
  Yes, by
  the metre.
valid_from: 2026-11-01
valid_until: 2026-12-24
---
Ropes are sold **by the metre**.
"""


@pytest.fixture
def content(tmp_path):
    """Writes one article and returns what loading its folder gives."""

    def load_with(text, name="en/ropes.md"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(tmp_path)

    return load_with


def test_a_file_becomes_an_article(content):
    [article], problems = content(GOOD)
    assert problems == []
    assert (article.lang, article.slug) == ("en", "ropes")
    assert article.title == "Do you sell ropes?"
    assert article.questions == ("climbing rope", "yes")
    assert article.topics == ("products",)
    assert article.short == "Yes, by the metre."
    assert article.body == "Ropes are sold **by the metre**."
    assert article.window.spans(date(2026, 1, 1)) == [(date(2026, 11, 1), date(2026, 12, 24))]


def test_windows_line_ends_and_a_byte_order_mark_are_read(content):
    [article], problems = content(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert problems == []
    assert article.short == "Yes, by the metre."


@pytest.mark.parametrize(
    ("was", "becomes", "line", "reason"),
    [
        ("---\ntitle", "title", 1, "must begin with front matter"),
        ("title: Do you sell ropes?\n", "", 1, "title is missing"),
        ("Do you sell ropes?", "", 2, "title is empty"),
        ("title: Do", "title: [Do]", 2, "not YAML"),
        ("title: Do you sell ropes?", "- title", 3, "not YAML"),
        ("title: Do you sell ropes?", "title: {a: b}", 2, "title must be text"),
        ("  - climbing rope\n  - yes\n", "  []\n", 4, "at least one entry"),
        ("  - yes", "  - [yes]", 5, "an entry of questions must be text"),
        ("topics: [products]", "topics: products", 6, "topics must be a list"),
        ("topics: [products]", "topic: [products]", 6, "topic is not a field"),
        ("topics: [products]", "title: Again", 6, "title stands twice"),
        ("the metre", "x" * MAX_SHORT_CHARS, 7, "short has"),
        ("2026-11-01", "2026-11-31", 10, "is not a day"),
        ("2026-11-01", "November", 10, "is not a day"),
        ("2026-11-01", "xmas - 3 days", 10, "no day named"),
        ("2026-11-01", "christmas", 11, "another one of each year"),
        ("topics: [products]", "markets: [Spain]", 6, "is not a country"),
        ("topics: [products]", "priority: high", 6, "not a whole number"),
        ("topics: [products]", "priority: 11", 6, "not between"),
        ("topics: [products]", "feedback: maybe", 6, "true or false"),
        ("topics: [products]", "links: [{title: a, url: 'javascript:x'}]", 6, "not an address"),
        ("topics: [products]", "links: [{title: a}]", 6, "needs a url"),
        ("2026-12-24", "2026-10-24", 11, "valid_until lies before valid_from"),
    ],
)
def test_a_broken_article_is_refused_with_its_line_and_reason(content, was, becomes, line, reason):
    assert was in GOOD
    articles, [problem] = content(GOOD.replace(was, becomes, 1))
    assert articles == []
    assert problem.file == "en/ropes.md"
    assert (problem.line, reason in problem.reason) == (line, True), str(problem)
    assert str(problem).startswith(f"en/ropes.md:{line}: ")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (b"---\ntitle: caf\xe9\n---\n", 2, "not UTF-8"),
        ("---\ntitle: a\x00b\n---\nText", 2, "does not allow"),
        ("---\n" + "[" * 5000 + "\n---\nText", 3, "not YAML"),
        ("---\n---\nText", 2, "must be lines of"),
        ("x" * 100_001, 1, "larger than"),
        ("", 1, "must begin with front matter"),
    ],
)
def test_a_file_that_is_no_article_is_refused(content, text, line, reason):
    articles, [problem] = content(text)
    assert articles == []
    assert (problem.line, reason in problem.reason) == (line, True), str(problem)


@pytest.mark.parametrize("name", ["english/ropes.md", "EN/ropes.md", "en/Ropes And.md"])
def test_a_name_that_cannot_be_an_address_is_refused(content, name):
    articles, [problem] = content(GOOD, name)
    assert articles == []
    assert problem.line == 1


def test_one_broken_article_leaves_the_others_served(content):
    content(GOOD)
    articles, [problem] = content("nothing", "en/broken.md")
    assert [article.slug for article in articles] == ["ropes"]
    assert problem.file == "en/broken.md"


def test_a_missing_folder_is_a_problem(tmp_path):
    articles, [problem] = load(tmp_path / "nowhere")
    assert articles == []
    assert "no such folder" in problem.reason


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(head=st.text(max_size=200), body=st.text(max_size=50))
def test_any_front_matter_is_an_article_or_a_problem(tmp_path, head, body):
    file = tmp_path / "en" / "any.md"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(f"---\n{head}\n---\n{body}".encode("utf-8", "surrogatepass"))
    articles, problems = load(tmp_path)
    assert len(articles) + len(problems) == 1


def test_all_fields_are_read(content):
    [article], problems = content(
        """\
---
title: When do the sales begin?
markets: [GB, IE]
channels: [web]
valid_from: black_friday - 4 days
valid_until: 01-31
priority: 2
needs_order: true
feedback: true
cutoffs: christmas
links:
  - {title: Sale, url: /sale}
---

Soon.
"""
    )
    assert problems == []
    assert article.markets == {"GB", "IE"}
    assert article.channels == {"web"}
    assert article.window.current(date(2026, 12, 1)) == (date(2026, 11, 23), date(2027, 1, 31))
    assert (article.priority, article.needs_order, article.feedback) == (2, True, True)
    assert article.cutoffs == "christmas"
    assert article.links == (Link("Sale", "/sale"),)
    assert (article.short, article.body) == ("", "Soon.")
    assert article.lines[1] == 15


def test_a_title_alone_is_an_article_for_trying_a_search_only(tmp_path):
    (tmp_path / "en").mkdir()
    (tmp_path / "en/ropes.md").write_text("---\ntitle: Do you sell ropes?\n---\n")
    articles, [problem] = load(tmp_path)
    assert (articles, "no text" in problem.reason) == ([], True)
    [article], problems = load(tmp_path, titles_only=True)
    assert (article.title, problems) == ("Do you sell ropes?", [])


def test_our_own_base_passes_its_check_through_the_year():
    for day in (date(2026, 7, 1), date(2026, 11, 23), date(2027, 1, 2)):
        base = read(Sources(), on=day, zone=ZoneInfo("Europe/London"))
        assert len([a for a in base.articles if a.lang == "en"]) >= 60
        errors = [str(found.problem) for found in check(base, on=day) if found.is_error]
        assert errors == []
