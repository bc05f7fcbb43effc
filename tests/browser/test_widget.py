"""The widget on a shop's page, in a real browser: mechanics, not what the bot says."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.widget import chat, clean, field, launcher, log, notice, open_chat, send, settle

pytestmark = pytest.mark.timeout(90)

CHOICE = [
    {
        "recipient_id": "x",
        "text": "Which order?",
        "buttons": [
            {"title": "The newest", "payload": "/newest"},
            {"title": "Other", "payload": "o"},
        ],
    }
]


async def test_opens_closes_and_returns_the_focus_by_keyboard(open_page, url):
    page = await open_page(f"{url}/demo")
    await expect(launcher(page)).to_have_attribute("aria-expanded", "false")
    await launcher(page).focus()
    await page.keyboard.press("Enter")
    await expect(launcher(page)).to_have_attribute("aria-expanded", "true")
    await expect(launcher(page)).to_have_attribute("aria-label", "Close chat")
    await expect(field(page)).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(launcher(page)).to_be_focused()
    await expect(launcher(page)).to_have_attribute("aria-expanded", "false")
    await expect(page.locator("[data-wismo] iframe")).not_to_be_visible()


@pytest.mark.parametrize("size", ["phone", "desktop"])
async def test_a_message_is_answered_and_the_answer_announced(open_page, url, size):
    page = await open_page(f"{url}/demo", size=size)
    await open_chat(page)
    await send(page, "Hello there")
    await expect(log(page)).to_have_attribute("aria-live", "polite")
    await expect(log(page).locator(".bot .text").last).to_have_text("You said: Hello there")
    await expect(log(page).locator(".bot .who").last).to_contain_text("Assistant")
    await expect(log(page).locator(".shopper")).to_have_count(1)
    await expect(log(page).locator(".shopper .state")).to_have_text("")  # answered: no "Sent"
    inside = await field(page).evaluate("e => document.documentElement.scrollWidth <= innerWidth")
    assert inside


async def test_shift_enter_makes_a_line_and_enter_sends_it_once(open_page, url, rasa):
    page = await open_page(f"{url}/demo")
    await open_chat(page)
    await field(page).press_sequentially("one")
    await field(page).press("Shift+Enter")
    await field(page).press_sequentially("two")
    await field(page).press("Enter")
    await field(page).press("Enter")
    await expect(log(page).locator(".bot .text").last).to_have_text("You said: one\ntwo")
    assert [body["message"] for body in rasa.seen] == ["one\ntwo"]


async def test_a_quick_reply_sends_its_payload_and_shows_its_title(open_page, url, rasa):
    rasa.answers["hello"] = CHOICE
    page = await open_page(f"{url}/demo")
    await open_chat(page)
    await send(page, "hello")
    quick = chat(page).get_by_role("button", name="The newest")
    await quick.dblclick()
    await expect(log(page).locator(".bot .text").last).to_have_text("You said: /newest")
    await expect(log(page).locator(".shopper .text")).to_have_text(["hello", "The newest"])
    await expect(quick).to_have_count(0)
    assert [body["message"] for body in rasa.seen] == ["hello", "/newest"]


async def test_a_quick_reply_by_keyboard_leaves_the_focus_in_the_field(open_page, url, rasa):
    page = await open_page(f"{url}/demo")
    await open_chat(page)
    await chat(page).get_by_role("button", name="Where is my order?").focus()
    await page.keyboard.press("Enter")
    await expect(field(page)).to_be_focused()
    await expect(log(page).locator(".bot .text").last).to_have_text("You said: Where is my order?")


async def test_a_double_click_on_send_sends_once(open_page, url, rasa):
    page = await open_page(f"{url}/demo")
    await open_chat(page)
    await field(page).fill("only once")
    await chat(page).get_by_role("button", name="Send").dblclick()
    await expect(log(page).locator(".bot .text").last).to_have_text("You said: only once")
    await expect(log(page).locator(".shopper")).to_have_count(1)
    assert len(rasa.seen) == 1


async def test_what_is_written_before_the_script_is_there_is_sent(open_page, url, rasa):
    page = await open_page(f"{url}/demo")
    arrived = asyncio.Event()

    async def late(route):
        await arrived.wait()
        await route.continue_()

    await page.route("**/chat.js*", late)
    await launcher(page).click()
    await field(page).fill("quick")
    await field(page).press("Enter")
    await expect(chat(page).get_by_role("button", name="Send")).to_be_disabled()
    arrived.set()
    await expect(log(page).locator(".bot .text").last).to_have_text("You said: quick")
    await expect(log(page).locator(".shopper .text")).to_have_text(["quick"])
    await expect(field(page)).to_have_value("")


async def test_a_reload_resumes_the_conversation_with_the_chat_open(open_page, url):
    page = await open_page(f"{url}/demo")
    await open_chat(page)
    await send(page, "Remember me")
    await expect(log(page)).to_contain_text("You said: Remember me")
    await page.reload()
    await expect(log(page).locator(".shopper .text")).to_have_text(["Remember me"])
    await expect(log(page).locator(".bot .text").last).to_have_text("You said: Remember me")
    await send(page, "And now?")
    await expect(log(page)).to_contain_text("You said: And now?")


async def test_the_badge_counts_answers_that_came_while_closed(open_page, url, rasa):
    rasa.free.clear()
    page = await open_page(f"{url}/demo")
    await open_chat(page)
    await send(page, "Take your time")
    await settle(page)
    await page.keyboard.press("Escape")
    await expect(launcher(page)).to_be_focused()
    rasa.free.set()
    await expect(launcher(page)).to_have_attribute("aria-label", "Chat with us (1 new)")
    await expect(page.locator("[data-wismo] .badge")).to_have_text("1")
    await launcher(page).click()
    await expect(page.locator("[data-wismo] .badge")).to_be_hidden()


async def test_typing_is_shown_while_the_answer_is_on_its_way(open_page, url, rasa):
    rasa.free.clear()
    page = await open_page(f"{url}/demo")
    await open_chat(page)
    await send(page, "Think")
    await expect(chat(page).locator("#typing")).to_be_visible()
    rasa.free.set()
    await expect(log(page)).to_contain_text("You said: Think")
    await expect(chat(page).locator("#typing")).to_be_hidden()


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>",
        "{{ 7 * 7 }} ${7*7} &lt;b&gt; javascript:alert(1)",
        "👩‍👩‍👧‍👦 🇬🇧 é",
        "W" * 300,
    ],
)
async def test_text_is_shown_as_text(open_page, url, text):
    page = await open_page(f"{url}/demo", size="phone")
    await open_chat(page)
    await send(page, text)
    await expect(log(page).locator(".shopper .text")).to_have_text(text)
    await expect(log(page).locator(".bot .text").last).to_have_text(f"You said: {text}")
    assert await log(page).evaluate("e => e.querySelector('img, script') === null")
    assert await log(page).evaluate("e => document.title") == "Chat with Northwind Outfitters"
    assert await log(page).evaluate("e => e.scrollWidth <= e.clientWidth")


async def test_right_to_left_text_runs_from_the_right(open_page, url):
    page = await open_page(f"{url}/demo")
    await open_chat(page)
    await send(page, "שלום, איפה ההזמנה שלי?")
    said = log(page).locator(".shopper .text")
    await expect(said).to_have_css("direction", "rtl")
    await expect(field(page)).to_have_css("direction", "ltr")


async def test_what_is_written_offline_goes_out_once_when_the_connection_is_back(
    open_page, url, rasa, watch
):
    watch.expected = ["ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_CHANGED"]
    page = await open_page(f"{url}/demo")
    await open_chat(page)
    await send(page, "online")
    await expect(log(page)).to_contain_text("You said: online")
    await page.context.set_offline(True)
    await expect(notice(page)).to_contain_text("You are offline")
    await send(page, "from the tunnel")
    await expect(log(page).locator(".shopper .state").last).to_have_text(
        "Waiting for the connection…"
    )
    assert len(rasa.seen) == 1
    await page.context.set_offline(False)
    await expect(log(page)).to_contain_text("You said: from the tunnel")
    await expect(log(page).locator(".shopper")).to_have_count(2)
    assert [body["message"] for body in rasa.seen] == ["online", "from the tunnel"]


@pytest.mark.parametrize("text", ["once", "cafe\u0301 once"])
async def test_a_lost_receipt_does_not_double_the_message(open_page, url, rasa, watch, text):
    """The service has stored it and its answer is lost: the stream brings it, or a second try.

    The service composes the accent, so that its text alone would not tell.
    """
    watch.expected = ["ERR_FAILED"]
    page = await open_page(f"{url}/demo")
    await open_chat(page)
    await send(page, "first")
    await expect(log(page)).to_contain_text("You said: first")
    sent = []

    async def lose_the_first(route):
        sent.append(route.request.post_data_json["id"])
        if len(sent) == 1:
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await page.route(
        "**/chat/messages",
        lambda route: (
            lose_the_first(route) if route.request.method == "POST" else route.continue_()
        ),
    )
    await send(page, text)
    await expect(log(page).locator(".bot .text").last).to_contain_text("once")
    await settle(page)
    await expect(log(page).locator(".shopper")).to_have_count(2)
    assert len(set(sent)) == 1


async def test_a_message_that_cannot_be_sent_can_be_tried_again(open_page, url, watch):
    watch.expected = ["503"]
    page = await open_page(f"{url}/demo")
    await page.clock.install()
    broken = True

    async def door(route):
        if broken and route.request.method == "POST":
            await route.fulfill(status=503, json={"error": {"kind": "unavailable", "message": ""}})
        else:
            await route.continue_()

    await page.route("**/chat/messages", door)
    await open_chat(page)
    await send(page, "stubborn")
    retry = log(page).get_by_role("button", name="Try again")
    for _ in range(20):  # the pauses between tries, gone through quickly
        await page.clock.run_for(2000)
        if await retry.count():
            break
    await expect(log(page).locator(".shopper .state")).to_contain_text("Not sent.")
    broken = False
    await retry.click()
    await expect(log(page)).to_contain_text("You said: stubborn")
    await expect(log(page).locator(".shopper")).to_have_count(1)


async def test_of_all_addresses_only_the_service_s_own_are_links_and_only_where_it_names_them(
    open_page, url, rasa
):
    told = f"Follow it: {url}/t/1-0.a-_. Not https://evil.example/t/1 or {url}.evil.example/t/2."
    rasa.answers[f"see {url}/t/3"] = [{"recipient_id": "x", "text": told}]
    page = await open_page(f"{url}/demo")
    await open_chat(page)
    await send(page, f"see {url}/t/3")
    await expect(log(page).locator(".bot .text").last).to_have_text(told)
    links = log(page).locator("a")
    await expect(links).to_have_count(1)
    await expect(links).to_have_attribute("href", f"{url}/t/1-0.a-_")
    await expect(links).to_have_attribute("rel", "noopener noreferrer")


async def test_too_long_a_message_is_refused_with_words_and_kept(open_page, url, rasa):
    page = await open_page(f"{url}/demo")
    await open_chat(page)
    await send(page, "x" * 10_003)
    await expect(chat(page).locator("#limit")).to_contain_text("Too long by 3 characters")
    await expect(field(page)).to_have_value("x" * 10_003)
    await expect(log(page).locator(".shopper")).to_have_count(0)
    await send(page, "x" * 10_000)
    await expect(log(page).locator(".shopper")).to_have_count(1)
    await expect(log(page).locator(".bot .text").last).to_contain_text("You said: xxx")
    assert [len(body["message"]) for body in rasa.seen] == [10_000]


async def test_a_session_that_no_longer_holds_gives_way_to_a_new_one(open_page, url, rasa, watch):
    watch.expected = ["401"]
    page = await open_page(f"{url}/demo")
    await page.evaluate("localStorage.setItem('wismo.session', 'forged')")
    await open_chat(page)
    await send(page, "Hello")
    await expect(log(page)).to_contain_text("You said: Hello")
    assert [body["message"] for body in rasa.seen] == ["Hello"]


async def test_a_silent_bot_shows_that_a_colleague_has_taken_over(open_page, url, rasa):
    rasa.answers["help"] = []
    page = await open_page(f"{url}/demo")
    await open_chat(page)
    await send(page, "help")
    await expect(notice(page)).to_contain_text("A colleague has taken over")
    await expect(chat(page).locator("#handler")).to_have_text("You are talking to our team")
    await expect(log(page).locator(".system")).to_have_count(1)


async def test_a_link_of_the_shop_opens_the_chat_with_words_to_send(open_page, url, rasa):
    page = await open_page(f"{url}/demo")
    await page.get_by_role("button", name="Track an order").click()
    await expect(field(page)).to_have_value("Where is my order?")
    await expect(field(page)).to_be_focused()
    assert rasa.seen == []


async def test_words_from_another_window_are_not_heard(open_page, url):
    page = await open_page(f"{url}/demo")
    await open_chat(page)
    await page.evaluate("postMessage({ type: 'wismo:close' }, '*')")
    await page.frames[1].evaluate("postMessage({ type: 'wismo:draft', text: 'forged' }, '*')")
    await page.evaluate("new Promise((done) => setTimeout(done))")
    await expect(launcher(page)).to_have_attribute("aria-expanded", "true")
    await expect(field(page)).to_have_value("")


@pytest.mark.parametrize(("size", "scheme"), [("phone", "dark"), ("desktop", "light")])
async def test_axe_finds_nothing_in_the_demo_shop(open_page, url, size, scheme):
    page = await open_page(
        f"{url}/demo", size=size, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce"
    )
    await clean(page)
    await open_chat(page)
    await clean(page)
