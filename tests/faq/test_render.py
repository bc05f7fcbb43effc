from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from faq import content, cutoffs, shop, writing
from faq.base import Sources, read
from faq.model import Article
from faq.reading import Broken
from faq.render import Renderer

LONDON, MADRID = ZoneInfo("Europe/London"), ZoneInfo("Europe/Madrid")
SHOP = """\
currency: GBP
country: GB
seasons:
  moving_day: black_friday + 10 days
price: 3.95
free_from: 60
countries: [FR, ES]
items: three
speed: {en: two days, es: dos días}
"""
CUTOFFS = """\
zones:
  home: {countries: [GB], names: {en: UK, es: Reino Unido}}
  europe: {countries: [ES, FR], names: {en: Europe, es: Europa}}
  world: {countries: rest, names: {en: rest of the world}}
services:
  standard:
    names: {en: standard delivery, es: envío estándar}
    words: {en: [standard post], es: [normal]}
  express: {names: {en: express delivery, es: envío exprés}, words: {en: [express]}}
seasons:
  christmas:
    by: christmas_eve
    names: {en: Christmas, es: Navidad}
    rows:
      - {service: standard, zone: home, order_by: "12-18 14:00"}
      - {carrier: dpd, service: express, zone: home, order_by: christmas - 3 days 14:00}
      - {carrier: slow, service: standard, zone: europe, order_by: "12-08 12:00"}
      - {carrier: dhl, service: standard, zone: europe, order_by: "12-09 12:00"}
      - {service: express, zone: europe, order_by: "12-17 12:00"}
      - {service: standard, zone: world, order_by: "2025-12-01 12:00"}
    instead:
      - {names: {en: collecting it}, until: "12-24 15:00", zones: [home]}
      - {names: {en: a gift card, es: una tarjeta regalo}, until: "12-24 23:00"}
"""
RENDERER = Renderer(shop.parse(SHOP), cutoffs.parse(CUTOFFS))
ARTICLE = Article("last", "en", "Last day?", short="See the table.", cutoffs="christmas")
TO_SPAIN = "last day to order for Christmas to Spain by standard post?"


def filled(body, at=datetime(2026, 12, 1, 12, tzinfo=LONDON), lang="en"):
    return RENDERER.render(Article("a", lang, "A", body=body), at=at).body


def said(question, *at, zone=LONDON, lang="en"):
    article = Article("last", lang, "Last day?", short="See the table.", cutoffs="christmas")
    return RENDERER.render(article, at=datetime(*at, tzinfo=zone), question=question).short


@pytest.mark.parametrize(
    ("body", "lang", "text"),
    [
        ("{{ price | money }}, free from {{ free_from | money }}", "en", "£3.95, free from £60"),
        ("{{ items }}", "en", "three"),
        ("{{ speed }}", "es", "dos días"),
        ("{{ speed }}", "de", "two days"),
        ("{{ countries | countries }}", "es", "Francia y España"),
        ("{{ ['a', 'b', 'c'] | listed }}", "en", "a, b and c"),
        ("{{ date('moving_day') | day }}", "en", "Monday, 7 December"),
        ("{{ date('01-31') | day }}", "de", "Sonntag, 31. Januar 2027"),
    ],
)
def test_values_are_written_as_the_language_writes_them(body, lang, text):
    assert filled(body, lang=lang).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize(
    "wrong",
    [
        "{{ nope }}",
        "{{ price.nope }}",
        "{{ date('xmas') }}",
        "{{ cutoffs.table('easter') }}",
        "{{ ''.__class__ }}",
        "{{ 1 / 0 }}",
        "{% if %}",
        "{{ cutoffs.last('christmas', to='US', service='express') }}",
        "{{ range(10) }}",
    ],
)
def test_what_cannot_be_filled_in_is_refused_with_its_line(tmp_path, wrong):
    (tmp_path / "content/en").mkdir(parents=True)
    (tmp_path / "shop.yml").write_text(SHOP)
    (tmp_path / "cutoffs.yml").write_text(CUTOFFS)
    head = "---\ntitle: A\nshort: Fine.\n---\n"
    (tmp_path / "content/en/bad.md").write_text(f"{head}\nOne line.\n\n{wrong}\n")
    (tmp_path / "content/en/good.md").write_text(f"{head}\n{{{{ price }}}}\n")
    sources = Sources(tmp_path / "content", tmp_path / "shop.yml", tmp_path / "cutoffs.yml")
    base = read(sources, on=date(2026, 12, 1), zone=LONDON)
    assert [article.slug for article in base.articles] == ["good"]
    [problem] = base.problems
    assert (problem.file, problem.line) == ("en/bad.md", 8), str(problem)


def test_a_last_day_is_answered_from_the_table():
    assert said(TO_SPAIN, 2026, 12, 1) == (
        "To have it for Christmas, order by Wednesday, 9 December, 12:00 "
        "(standard delivery to Spain)."
    )
    assert said("and express to France?", 2027, 12, 1).count("Friday, 17 December") == 1
    assert "jueves" in said("¿envío exprés a España?", 2026, 12, 1, lang="es")


@pytest.mark.parametrize("zone", [LONDON, MADRID], ids=str)
def test_the_last_minute_counts_and_the_next_does_not(zone):
    """In the shop's zone, whichever it is."""
    before = datetime(2026, 12, 9, 12, 0, tzinfo=zone)
    for at, passed in ((before, False), (before + timedelta(seconds=1), True)):
        text = RENDERER.render(ARTICLE, at=at, question=TO_SPAIN).short
        assert ("has passed" in text) is passed
    assert "express delivery to Spain, order by Thursday, 17 December, 12:00" in text


@pytest.mark.parametrize(
    ("question", "at", "has"),
    [
        (
            TO_SPAIN,
            (2026, 12, 18),
            "Still possible: a gift card, until Thursday, 24 December, 23:00",
        ),
        (TO_SPAIN, (2026, 12, 24, 23, 30), "arrives after Christmas"),
        (TO_SPAIN, (2026, 12, 31), "arrives after Christmas"),
        (TO_SPAIN, (2027, 1, 1), "arrives after Christmas"),
        ("to England by express", (2026, 12, 23), "Still possible: collecting it, until"),
        ("to the USA", (2026, 12, 1), "gift card"),  # last year's row says nothing of this year
        ("standard post", (2026, 12, 10), "Friday, 18 December"),
        ("when is it", (2026, 12, 10), "See the table."),
    ],
)
def test_what_is_still_possible_is_said(question, at, has):
    assert has in said(question, *at)


def test_the_table_strikes_out_what_has_passed_and_the_summary_leaves_it_out():
    at = datetime(2026, 12, 10, tzinfo=LONDON)
    table = filled("{{ cutoffs.table('christmas') }}", at)
    assert "~~Wednesday, 9 December, 12:00~~" in table
    assert "| Europe | Express delivery | Thursday, 17 December, 12:00 |" in table
    summary = filled("{{ cutoffs.summary('christmas') }}", at)
    assert "9 December" not in summary
    assert summary.startswith("To have it for Christmas, order by Friday, 18 December")
    assert summary.index("to UK") < summary.index("to Europe"), "the reader's own zone first"


def test_a_broken_table_is_refused_with_its_line():
    with pytest.raises(Broken, match="no 'nowhere'") as caught:
        cutoffs.parse(CUTOFFS.replace("zone: world", "zone: nowhere"))
    assert caught.value.line == 20


@pytest.mark.parametrize(
    ("lang", "expected"), [("en", "£9.95"), ("es", "9,95 £"), ("de", "9,95 £"), ("fr", "9,95 £")]
)
def test_money_has_its_sign_in_every_language(lang, expected):
    written = writing.money(9.95, "GBP", Locale.parse(lang))
    assert written.replace("\N{NO-BREAK SPACE}", " ") == expected


def test_the_first_of_a_month_is_an_ordinal_in_french():
    french = Locale.parse("fr")
    year = date(2026, 1, 1)
    assert writing.day(date(2026, 11, 1), french, read_on=year) == "dimanche 1er novembre"
    assert writing.day(date(2026, 11, 11), french, read_on=year) == "mercredi 11 novembre"


def test_our_own_articles_can_be_said_on_every_day_of_a_year():
    base = read(Sources(), on=date(2026, 11, 23), zone=LONDON)
    for article in base.articles:
        for week in range(0, 54):
            at = datetime(2026, 11, 23, 12, tzinfo=LONDON) + timedelta(weeks=week)
            rendered = base.renderer.render(article, at=at, question="to Spain by express?")
            assert 0 < len(rendered.short) <= content.MAX_SHORT_CHARS
            assert rendered.body


def test_each_of_our_seasonal_articles_changes_on_its_days():
    base = read(Sources(), on=date(2026, 11, 23), zone=LONDON)
    seasonal = [article for article in base.articles if article.window.yearly]
    assert len({article.slug for article in seasonal}) >= 20
    for article in seasonal:
        first, last = article.window.current(date(2026, 11, 23), "GB")
        for zone in (LONDON, ZoneInfo("America/Los_Angeles")):
            for day, shown in (
                (first - timedelta(days=1), False),
                (first, True),
                (last, True),
                (last + timedelta(days=1), False),
            ):
                for moment in (time(0, 0), time(23, 59)):
                    # As the service sees it: a moment in UTC, back in the shop's zone.
                    at = datetime.combine(day, moment, zone).astimezone(UTC).astimezone(zone)
                    assert article.shown(at.date(), market="GB") is shown, (article.slug, at)
                    if shown:
                        assert base.renderer.render(article, at=at).short


@pytest.mark.parametrize("zone", [LONDON, ZoneInfo("America/Los_Angeles")], ids=str)
def test_each_of_our_last_moments_is_over_a_second_later(zone):
    table = cutoffs.load()[0]
    renderer = Renderer(shop.load()[0], table)
    for season in table.seasons:
        article = Article("a", "en", "A", body=f"{{{{ cutoffs.table('{season}') }}}}")
        rows = cutoffs.Calendar(table, datetime(2026, 11, 23, tzinfo=zone), "GB").rows(season)
        assert rows
        for last in {row.moment for row in rows}:
            before, after = (
                renderer.render(article, at=last + timedelta(seconds=n)).body.count("~~")
                for n in (0, 1)
            )
            assert before < after, (season, last)


def test_the_documentation_shows_what_can_be_read():
    import re

    text = (Path(__file__).parents[2] / "docs/faq.md").read_text()
    values, table = re.findall(r"```yaml\n(.*?)```", text, re.S)[:2]
    [example] = re.findall(r"```markdown\n(.*?)```", text, re.S)
    renderer = Renderer(shop.parse(values), cutoffs.parse(table))
    article = content.parse(example, lang="en", slug="returns-policy")
    at = datetime(2026, 12, 1, tzinfo=LONDON)
    assert "60 days" in renderer.render(article, at=at).short
