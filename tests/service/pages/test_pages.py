"""The pages over HTTP: what is served, and what the browser is told to refuse."""

import re

import httpx
import pytest
from pydantic import ValidationError

from kit.errors import Misconfigured
from service.pages.headers import content_policy, frame_ancestors
from service.pages.texts import CATALOGUE, texts
from service.settings import Settings


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


async def test_all_scripts_together_weigh_under_12_kb_compressed(http):
    """What a browser fetches to chat; what only a photo or a device link needs comes later."""
    weight = 0
    addresses = ["/widget.js"]
    page = (await http.get("/widget/frame")).text
    addresses += re.findall(r'href="(/static/chat[^"]*\.js[^"]*)"', page)
    known = {address.rpartition("/")[2] for address in addresses}
    for address in addresses:
        async with http.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.status_code == 200
            weight += sum([len(part) async for part in answer.aiter_raw()])
        text = (await http.get(address)).text
        assert "import(" in text or set(re.findall(r'"\./([^"]+)"', text)) <= known
    assert len(addresses) == 7
    assert weight < 12_000


async def test_a_script_is_served_without_comments_and_names_its_imports_by_content(http):
    page = (await http.get("/widget/frame")).text
    [address] = re.findall(r'src="(/static/chat\.js[^"]+)"', page)
    script = (await http.get(address)).text
    assert not re.search(r"(^|\s)//|^ ", script, re.M)
    imports = re.findall(r'"\./([^"]+)"', script)
    assert len(imports) >= 7
    for name in imports:
        answer = await http.get(f"/static/{name}")
        assert "immutable" in answer.headers["cache-control"], name


async def test_colours_and_logo_come_from_the_settings(run_service):
    settings = {"shop_colour": "#AA3366", "shop_logo_url": "https://img.shop.example:8443/logo.png"}
    async with (
        run_service("http://127.0.0.1:9", **settings) as app,
        httpx.AsyncClient(base_url=app.state.url) as http,
    ):
        widget = (await http.get("/widget.js")).text
        frame = await http.get("/widget/frame", params={"theme": "dark", "dir": "rtl"})
    assert '"colour": "#AA3366"' in widget
    assert 'src="https://img.shop.example:8443/logo.png"' in frame.text
    assert 'data-colour="#AA3366"' in frame.text
    assert 'dir="rtl" data-theme="dark"' in frame.text
    policy = frame.headers["content-security-policy"]
    assert "img-src 'self' data: https://img.shop.example:8443;" in policy


@pytest.mark.parametrize(
    "setting",
    [
        {"shop_colour": "red"},
        {"shop_logo_url": "http://shop.example/x.png"},
        {"shop_logo_url": "https://shop.example/;script-src *"},
        {"identity_key": "short"},
    ],
)
def test_settings_of_the_widget_are_checked(setting):
    with pytest.raises(ValidationError):
        Settings(_env_file=None, **setting)


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
