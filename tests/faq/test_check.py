"""One test for each thing that ``./wismo faq check`` finds."""

import re
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from faq.base import Sources, read
from faq.check import check

LONDON = ZoneInfo("Europe/London")
SHOP = "currency: GBP\ncountry: GB\n"
CUTOFFS = """\
zones:
  home: {countries: [GB], names: {en: UK}}
services:
  standard: {names: {en: standard delivery}}
seasons:
  christmas:
    by: christmas_eve
    names: {en: Christmas}
    rows:
      - {carrier: royal_mail, service: standard, zone: home, order_by: "ORDER_BY"}
"""
AUTUMN = date(2026, 11, 23)


@pytest.fixture
def findings(tmp_path):
    """Writes articles and a table, and gives what the check says as ``level file: reason``."""

    def found(articles, *, order_by="12-18 14:00", on=AUTUMN):
        for name, (front, body) in articles.items():
            file = tmp_path / "content" / f"{name}.md"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"---\n{front.strip()}\n---\n{body}\n")
        (tmp_path / "shop.yml").write_text(SHOP)
        (tmp_path / "cutoffs.yml").write_text(CUTOFFS.replace("ORDER_BY", order_by))
        sources = Sources(tmp_path / "content", tmp_path / "shop.yml", tmp_path / "cutoffs.yml")
        found = check(read(sources, on=on, zone=LONDON), on=on)
        return [f"{one.level} {one.problem.file}: {one.problem.reason}" for one in found]

    return found


def one(title, *lines, body="Text."):
    return "\n".join([f"title: {title}", *lines]), body


def test_articles_with_nothing_wrong_find_nothing(findings):
    assert findings({"en/ropes": one("Do you sell ropes?")}) == []


@pytest.mark.parametrize(
    ("articles", "expected"),
    [
        ({"en/ropes": one("Ropes", body="See [it](gone.md).")}, "error en/ropes.md: .*gone"),
        ({"en/ropes": one("Ropes", body="{{ nothing.here }}")}, "error en/ropes.md: .*nothing"),
        ({"es/cuerdas": one("Cuerdas")}, "error es/cuerdas.md: "),
        (
            {"en/ropes": one("Ropes"), "es/ropes": one("Cuerdas", "valid_until: 2027-01-31")},
            "error es/ropes.md: ",
        ),
        (
            {"en/ropes": one("Ropes"), "en/shoes": one("Shoes"), "es/ropes": one("Cuerdas")},
            "warning es/: not translated: shoes",
        ),
        (
            {"en/ropes": one("Do you sell it?"), "en/shoes": one("Do you sell it?")},
            "error en/ropes.md: .* asks the same as .* of shoes",
        ),
        (
            {"en/ropes": one("Climbing ropes?"), "en/shoes": one("Any climbing rope")},
            "warning en/ropes.md: .* asks the same as .* of shoes",
        ),
        (
            {"en/ropes": one("Ropes", "topics: [gear]", "valid_from: 01-03", "valid_until: 12-31")},
            "error en/: no article about gear is valid on 2027-01-01, nor on 1 other days",
        ),
        (
            {"en/ropes": one("Ropes", "valid_until: 2026-01-31")},
            "warning en/ropes.md: it will not be shown again",
        ),
        (
            {"en/ropes": one("Ropes", body="Since 2024.")},
            "warning en/ropes.md: the year 2024 is typed",
        ),
        (
            {
                "en/last": one(
                    "Last?", "valid_from: 11-01", "valid_until: 12-10", "cutoffs: christmas"
                )
            },
            "error en/last.md: it ends on 2026-12-10, but cutoffs.yml takes orders until 2026-12",
        ),
    ],
)
def test_what_is_wrong_is_found(findings, articles, expected):
    found = findings(articles)
    assert any(re.match(expected, line) for line in found), found


def test_a_season_that_comes_near_without_rows_is_an_error(findings):
    ropes = {"en/ropes": one("Ropes")}
    missing = "error cutoffs.yml: christmas is on 2026-12-24, and there are no rows for it"
    assert missing in findings(ropes, order_by="2025-12-18 14:00")
    assert findings(ropes, order_by="2025-12-18 14:00", on=date(2026, 9, 1)) == []


def test_a_last_moment_after_its_day_is_an_error(findings):
    [found] = findings({"en/ropes": one("Ropes")}, order_by="12-28 14:00")
    assert found.startswith("error cutoffs.yml: christmas: the last moment for standard to home")
