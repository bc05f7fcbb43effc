"""The pages over HTTP: what is served, and what the browser is told to refuse."""

import re

import pytest

from kit.errors import Misconfigured
from service.pages.headers import content_policy, frame_ancestors
from service.pages.texts import CATALOGUE, texts


@pytest.mark.parametrize("path", ["/", "/demo", "/widget/frame", "/widget.js", "/chat/messages"])
async def test_every_answer_tells_the_browser_what_to_refuse(http, path):
    answer = await http.get(path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


async def test_only_the_frame_may_be_embedded(http):
    assert "frame-ancestors 'none'" in (await http.get("/demo")).headers["content-security-policy"]
    frame = await http.get("/widget/frame")
    assert frame.headers["content-security-policy"].endswith("frame-ancestors *")


async def test_pages_hold_nothing_inline(http):
    for path in ("/demo", "/widget/frame"):
        page = (await http.get(path)).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page), path
        scripts = re.findall(r"<script([^>]*)>", page)
        assert scripts
        assert all("src=" in s or 'type="application/json"' in s for s in scripts), path


async def test_static_files_are_kept_for_a_year_under_their_hash_alone(http):
    page = (await http.get("/widget/frame")).text
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(addresses) >= 3
    for address in addresses:
        kept = await http.get(address)
        assert kept.status_code == 200
        assert "immutable" in kept.headers["cache-control"]
        for other in (address.split("?")[0], re.sub(r"v=\w+", "v=0ld", address)):
            asked_anew = await http.get(other)
            assert asked_anew.headers["cache-control"] == "no-cache"
            again = await http.get(other, headers={"If-None-Match": asked_anew.headers["etag"]})
            assert again.status_code == 304


@pytest.mark.parametrize("path", ["/static/../routes.py", "/static/%2e%2e/routes.py", "/static/no"])
async def test_nothing_else_is_served(http, path):
    assert (await http.get(path)).status_code == 404


async def test_the_widget_is_small_and_revalidated(http):
    answer = await http.get("/widget.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    assert len(answer.content) < 10_000
    again = await http.get("/widget.js", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_the_frame_speaks_the_shop_s_language(http):
    german = (await http.get("/widget/frame", params={"locale": "de-AT"})).text
    assert '<html lang="de"' in german
    assert "Nachricht schreiben" in german


async def test_a_hostile_query_reaches_no_page(http):
    hostile = '"><script>x</script>'
    names = ("locale", "greeting", "colour", "origin")
    page = (await http.get("/widget/frame", params=dict.fromkeys(names, hostile))).text
    assert "<script>x" not in page
    assert '<html lang="en"' in page


async def test_the_demo_offers_the_orders_it_was_given(service, http):
    service.state.demo_orders = ()
    assert "Try it" not in (await http.get("/demo")).text
    service.state.demo_orders = [Given("1001", "ana@example.com", "<b>Out</b> for delivery")]
    page = (await http.get("/demo")).text
    assert "Try it" in page
    assert "Where is my order 1001?" in page
    assert "&lt;b&gt;Out&lt;/b&gt; for delivery" in page


class Given:
    def __init__(self, number, email, story):
        self.number, self.email, self.story = number, email, story


async def test_the_root_leads_to_the_demo(http):
    answer = await http.get("/")
    assert answer.headers["location"] == "/demo"


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("", "*"),
        ("https://shop.example", "'self' https://shop.example"),
        (
            " https://shop.example/ , http://localhost:3000,https://*.shop.example",
            "'self' https://shop.example http://localhost:3000 https://*.shop.example",
        ),
    ],
)
def test_shop_origins_become_frame_ancestors(setting, expected):
    assert frame_ancestors(setting) == expected
    assert content_policy(expected).endswith(f"frame-ancestors {expected}")


@pytest.mark.parametrize(
    "setting",
    [
        "shop.example",
        "https://shop.example/path",
        "*",
        "https://a.example; script-src *",
        "https://",
    ],
)
def test_a_setting_that_is_no_origin_is_named(setting):
    with pytest.raises(Misconfigured, match="SHOP_ORIGINS"):
        frame_ancestors(setting)


def test_every_language_has_every_text_with_the_same_gaps():
    english = CATALOGUE["en"]
    for lang, words in CATALOGUE.items():
        assert words.keys() == english.keys(), lang
        for name, text in words.items():
            gaps = re.findall(r"\{\w+\}", text)
            assert sorted(gaps) == sorted(re.findall(r"\{\w+\}", english[name])), (lang, name)


@pytest.mark.parametrize(
    ("locale", "lang"), [("de", "de"), ("FR_ca", "fr"), ("es-MX", "es"), ("xx", "en"), ("", "en")]
)
def test_a_locale_finds_its_language(locale, lang):
    assert texts(locale)["lang"] == lang
