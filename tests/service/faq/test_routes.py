"""The public pages over HTTP, as a reader without JavaScript and a search engine see them."""

import json
import re
from datetime import timedelta
from xml.etree import ElementTree

from sqlalchemy import select

from service.faq.models import FaqFeedback, FaqQuestion


def structured_of(page):
    return json.loads(
        re.search(r'<script type="application/ld\+json">(.*?)</script>', page.text)[1]
    )


async def test_an_answer_has_its_address_its_values_and_its_languages(http):
    page = await http.get("/faq/en/returns")
    assert page.status_code == 200
    assert '<html lang="en"' in page.text
    assert "<strong>30 days</strong>" in page.text
    assert "&lt;b&gt;now&lt;/b&gt;" in page.text  # an article is Markdown, not HTML
    assert 'href="/faq/en/christmas#top"' in page.text
    assert '<link rel="canonical" href="http://help.example/faq/en/returns">' in page.text
    for lang in ("en", "de"):
        there = f'hreflang="{lang}" href="http://help.example/faq/{lang}/returns"'
        assert there in page.text
    further = page.text.partition('id="links"')[2].partition("</section>")[0]
    assert "/faq/en/christmas" in further
    assert "/faq/en/easter" not in further  # it is not shown now


async def test_structured_data_say_what_the_page_says(http):
    page = await http.get("/faq/en/returns")
    data = structured_of(page)
    [question] = data["mainEntity"]
    assert (data["@type"], data["url"]) == ("FAQPage", "http://help.example/faq/en/returns")
    assert question["name"] == "How do I return something?"
    assert question["acceptedAnswer"]["text"] in page.text
    assert "ld+json" not in (await http.get("/faq/en")).text  # no answers stand on that page


async def test_nothing_inline_and_nothing_from_elsewhere(http):
    for path in ("/faq/en", "/faq/en/returns", "/faq/en/no"):
        page = (await http.get(path)).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page), path
        loaded = re.findall(r'(?:src|(?<!canonical" )(?<!\w)href)="(https?:[^"]+)"', page)
        assert all(address.startswith("http://help.example/") for address in loaded), path
        for address in re.findall(r'(?:src|href)="(/(?:faq/)?static/[^"]+)"', page):
            assert "immutable" in (await http.get(address)).headers["cache-control"]


async def test_a_page_is_asked_for_anew_and_sent_only_when_it_changed(http, files, runtime):
    first = await http.get("/faq/en/returns")
    assert first.headers["cache-control"] == "public, no-cache"
    same = await http.get("/faq/en/returns", headers={"If-None-Match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    other = await http.get("/faq/de/returns", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


async def test_what_is_not_there_is_said_with_what_is(http):
    past = await http.get("/faq/en/easter")
    assert past.status_code == 404
    assert "Easter of 2021?" in past.text
    assert "It is over" in past.text
    untranslated = await http.get("/faq/de/christmas")
    assert untranslated.status_code == 404
    assert '<html lang="de"' in untranslated.text
    assert 'href="/faq/en/christmas"' in untranslated.text
    for path in ("/faq/en/no-such", "/faq/xx", "/faq/xx/returns", "/faq/static/none.css"):
        assert (await http.get(path)).status_code == 404, path
    assert "noindex" in (await http.get("/faq/en/no-such")).text


async def test_the_reader_s_language_is_chosen_and_can_be_changed(http):
    german = await http.get("/faq", headers={"Accept-Language": "pt-BR, de-AT;q=0.9"})
    assert '<html lang="de"' in german.text
    assert "Rückgabe" in german.text
    assert 'href="http://help.example/faq/de"' in german.text  # canonical
    assert '<a href="/faq/en" lang="en"' in german.text
    assert '<html lang="en"' in (await http.get("/faq", headers={"Accept-Language": "ja"})).text


async def test_the_season_stands_on_top_with_the_reader_s_own_destination_first(http, today):
    page = (await http.get("/faq/en")).text
    season = page.partition('class="season"')[2].partition("</section>")[0]
    assert page.index('class="season"') < page.index('class="topics"')
    own, others = season.split("<details>")
    assert "The UK" in own
    assert "Europe" in others
    assert "too late" in own  # the slow post ended yesterday
    assert re.search(r"(9 days|10 days) left", own)
    assert "a gift card" in season
    spain = (await http.get("/faq/en", params={"to": "ES"})).text
    own, others = spain.partition('class="season"')[2].split("<details>")
    assert "Europe" in own
    assert "The UK" not in own
    last = today + timedelta(days=15)
    assert f'datetime="{last}T12:00:00+00:00"' in own


async def test_a_search_without_javascript_answers_and_is_kept(http, sessions):
    page = (await http.get("/faq/en", params={"q": "what is your return policy"})).text
    found = page.partition('class="found"')[2].partition("</section>")[0]
    assert 'href="/faq/en/returns"' in found
    assert "You have 30 days." in found
    typing = await http.get("/faq/en", params={"q": "chris"}, headers={"HX-Request": "true"})
    assert "<html" not in typing.text
    assert "/faq/en/christmas" in typing.text  # while the word is not yet whole
    nothing = await http.get("/faq/en", params={"q": "zzz <script>"})
    assert "We have no answer" in nothing.text
    assert "<script>zzz" not in nothing.text
    await http.post("/faq/en/asked", data={"q": "do you sell skis to ana@example.com?"})
    async with sessions() as session:
        kept = (await session.scalars(select(FaqQuestion).order_by(FaqQuestion.id))).all()
    assert [(one.text, one.decision) for one in kept] == [
        ("what is your return policy", "answer"),
        ("zzz <script>", "none"),
        ("do you sell skis to [e-mail]?", "none"),
    ]


async def test_whether_it_helped_is_kept(http, sessions):
    sent = await http.post("/faq/en/returns/helped", data={"helped": "no"})
    assert sent.headers["location"] == "/faq/en/returns?thanks=no#helped"
    assert "Sorry" in (await http.get(sent.headers["location"])).text
    await http.post("/faq/en/no-such/helped", data={"helped": "yes"})
    assert (await http.post("/faq/en/returns/helped", data={"helped": "x"})).status_code == 422
    async with sessions() as session:
        kept = (await session.scalars(select(FaqFeedback))).all()
    assert [(one.article, one.lang, one.helped) for one in kept] == [("returns", "en", False)]


async def test_a_flood_is_kept_in_part(http, sessions):
    for _ in range(125):
        await http.post("/faq/en/returns/helped", data={"helped": "no"})
    async with sessions() as session:
        assert len((await session.scalars(select(FaqFeedback))).all()) == 120


async def test_the_sitemap_holds_what_can_be_read_today(http):
    answer = await http.get("/sitemap.xml")
    assert answer.headers["content-type"].startswith("application/xml")
    root = ElementTree.fromstring(answer.text)
    places = [url.text for url in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert sorted(places) == [
        "http://help.example/faq/de",
        "http://help.example/faq/de/returns",
        "http://help.example/faq/en",
        "http://help.example/faq/en/christmas",
        "http://help.example/faq/en/returns",
    ]
    for place in places:
        assert (await http.get(place.removeprefix("http://help.example"))).status_code == 200
