from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faq.content import MAX_SHORT_CHARS, load

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
    assert (article.valid_from, article.valid_until) == (date(2026, 11, 1), date(2026, 12, 24))


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
        ("2026-11-01", "2026-11-31", 10, "valid_from is not a day"),
        ("2026-11-01", "November", 10, "valid_from is not a day"),
        ("2026-12-24", "2026-10-24", 11, "valid_until lies before valid_from"),
        ("Ropes are sold **by the metre**.\n", "", 12, "no text"),
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
        ("---\n" + "[" * 5000 + "\n---\nText", 2, "not YAML"),
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


def test_our_own_articles_are_all_served():
    articles, problems = load()
    assert [str(problem) for problem in problems] == []
    assert len(articles) >= 16
    for article in articles:
        assert len(article.questions) >= 7, article.slug
        assert not set("*#[]|`") & set(article.short), f"{article.slug}: short must be plain"


def test_no_two_articles_ask_the_same():
    seen: dict[str, str] = {}
    for article in load()[0]:
        for question in (article.title, *article.questions):
            assert seen.setdefault(question.casefold(), article.slug) == article.slug, question
