"""What is read again when something changes, and what is not."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from faq.base import Reader, Sources

DAY = date(2026, 11, 23)
ROPES = "---\ntitle: Do you sell ropes?\nshort: Yes, for {{ ropes.price }} a metre.\n---\n"
SHOES = "---\ntitle: Do you sell shoes?\nshort: Yes.\n---\n"


@pytest.fixture
def sources(tmp_path):
    found = Sources(tmp_path / "content", tmp_path / "shop.yml", tmp_path / "cutoffs.yml")
    (found.content / "en").mkdir(parents=True)
    (found.content / "en/ropes.md").write_text(ROPES)
    (found.content / "en/shoes.md").write_text(SHOES)
    found.shop.write_text("ropes: {price: 4}\n")
    found.cutoffs.write_text("zones: {}\nservices: {}\nseasons: {}\n")
    return found


@pytest.fixture
def reader(sources):
    return Reader(sources, ZoneInfo("Europe/London"))


def by_slug(base):
    return {article.slug: article for article in base.articles}


def test_only_the_file_that_changed_is_read_again(reader, sources):
    before = reader.read(DAY)
    assert reader.read(DAY).renderer is before.renderer
    (sources.content / "en/shoes.md").write_text(SHOES.replace("Yes", "No, none"))
    (sources.content / "en/tents.md").write_text(SHOES.replace("shoes", "tents"))
    after = reader.read(DAY)
    assert by_slug(after)["shoes"].short == "No, none."
    assert by_slug(after)["ropes"] is by_slug(before)["ropes"]
    assert list(by_slug(after)) == ["ropes", "shoes", "tents"]
    assert after.renderer is not before.renderer  # who waits for files to change sees it by that


def test_an_article_is_looked_at_again_when_its_values_change(reader, sources):
    assert set(by_slug(reader.read(DAY))) == {"ropes", "shoes"}
    sources.shop.write_text("ropes: {colour: red}\n")
    base = reader.read(DAY)
    assert set(by_slug(base)) == {"shoes"}
    assert [str(problem) for problem in base.problems] == [
        "en/ropes.md:3: shop.yml has no value 'price' here"
    ]
    sources.shop.write_text("ropes: {price: 15}\n")
    assert set(by_slug(reader.read(DAY))) == {"ropes", "shoes"}


def test_an_article_is_looked_at_again_on_another_day(reader, sources):
    until_next_year = '{{ (date("11-23") - date("2026-11-23")).days and nothing.here }}'
    (sources.content / "en/shoes.md").write_text(SHOES.replace("Yes.", f"'{until_next_year}'"))
    assert set(by_slug(reader.read(DAY))) == {"ropes", "shoes"}
    assert set(by_slug(reader.read(DAY + timedelta(days=365)))) == {"ropes"}
    assert set(by_slug(reader.read(DAY))) == {"ropes", "shoes"}


def test_a_text_over_a_file_stands_instead_of_it_even_broken(reader):
    over = {("en", "shoes"): SHOES.replace("Yes", "Soon"), ("de", "seile"): SHOES}
    base = reader.read(DAY, over)
    assert by_slug(base)["shoes"].short == "Soon."
    assert ("de", "seile") in {(article.lang, article.slug) for article in base.articles}
    base = reader.read(DAY, {("en", "shoes"): "no front matter"})
    assert set(by_slug(base)) == {"ropes"}
    assert base.problems[0].file == "en/shoes.md"
    assert set(by_slug(reader.read(DAY))) == {"ropes", "shoes"}
