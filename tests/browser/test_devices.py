"""One conversation on more than one device and page, as shoppers leave and come back."""

import io
import re
from datetime import UTC, datetime

import pytest
from PIL import Image
from playwright.async_api import expect
from sqlalchemy import select

from service.conversations import service as conversations
from service.conversations.models import Author, Conversation
from service.storefront.identity import proven
from service.storefront.models import Order
from tests.browser.widget import chat, field, log, open_chat, send, settle
from tests.support.cutting import cutting
from tests.support.shop import IDENTITY_KEY, identity_token

pytestmark = pytest.mark.timeout(90)


def picture(kind="PNG"):
    out = io.BytesIO()
    Image.new("RGB", (2400, 1200), "#c96").save(out, kind)
    return out.getvalue()


async def test_a_copied_link_continues_the_conversation_once_elsewhere(open_page, url, watch):
    watch.expected = ["403"]
    phone = await open_page(f"{url}/demo", size="phone")
    await phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await open_chat(phone)
    await expect(chat(phone).locator("#link")).to_be_hidden()  # nothing to continue yet
    await send(phone, "Begun on the phone")
    await expect(log(phone)).to_contain_text("You said: Begun on the phone")
    await chat(phone).get_by_role("button", name="Continue on another device").click()
    await expect(chat(phone).locator("#card")).to_contain_text("Link copied")
    link = await phone.evaluate("navigator.clipboard.readText()")

    desk = await open_page(link)
    await expect(desk.get_by_role("log")).not_to_contain_text("Begun")  # asked first
    await expect(desk).not_to_have_url(re.compile("continue"))
    await desk.get_by_role("button", name="Continue here").click()
    await expect(desk.get_by_role("log")).to_contain_text("You said: Begun on the phone")
    await expect(log(phone)).to_contain_text("was continued on another device")  # and says so
    await desk.get_by_role("textbox", name="Your message").fill("Ended at the desk")
    await desk.keyboard.press("Enter")
    await expect(log(phone)).to_contain_text("You said: Ended at the desk")

    thief = await open_page(link)
    await thief.get_by_role("button", name="Continue here").click()
    await expect(thief.locator("#card")).to_contain_text("expired or was used")
    await expect(thief.get_by_role("log")).not_to_contain_text("Begun")


async def test_a_link_in_a_frame_of_a_shop_is_not_taken(shop, open_page, url):
    shop.state.policy = ""
    frame = f'<iframe src="{url}/widget/frame#continue=x"></iframe>'
    shop.state.page = f"<title>x</title><body>{frame}"
    page = await open_page(shop.state.url)
    inside = page.frame_locator("iframe")
    await expect(inside.get_by_role("log")).to_contain_text("Hello!")
    await expect(inside.locator("#card")).to_be_empty()


async def test_a_photo_is_made_small_sent_once_and_there_after_a_reload(open_page, url):
    page = await open_page(f"{url}/demo")
    await open_chat(page)
    file = {"name": "box.png", "mimeType": "image/png", "buffer": picture()}
    async with page.expect_request("**/chat/attachments?*") as sent:
        await chat(page).locator("#file").set_input_files(file)
    assert (await sent.value).post_data_buffer.startswith(b"\xff\xd8")  # JPEG, without metadata
    await settle(page)
    await expect(log(page).locator(".bot").nth(1)).to_be_visible()
    await page.reload()
    photo = log(page).get_by_role("img", name="Photo")
    await expect(photo).to_have_count(1)
    await expect(photo).to_have_js_property("naturalWidth", 1600)
    assert "/attachments/" in await photo.get_attribute("src")


async def test_what_is_no_photo_is_refused_in_words(open_page, url):
    page = await open_page(f"{url}/demo")
    await open_chat(page)
    file = {"name": "box.jpg", "mimeType": "image/jpeg", "buffer": b"%PDF-1.7"}
    await chat(page).locator("#file").set_input_files(file)
    await expect(chat(page).locator("#limit")).to_contain_text("Only photos can be sent")
    await expect(log(page).locator(".shopper")).to_have_count(0)


async def test_what_was_written_offline_outlives_the_page(open_page, url, rasa, watch):
    watch.expected = ["ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_CHANGED"]
    page = await open_page(f"{url}/demo")
    await open_chat(page)
    await send(page, "online")
    await expect(log(page)).to_contain_text("You said: online")
    await page.context.set_offline(True)
    await send(page, "from the tunnel")
    await expect(log(page)).to_contain_text("Waiting for the connection")
    context = page.context
    await page.close()
    await context.set_offline(False)
    later = [await context.new_page() for _ in range(2)]  # two windows find it, one message goes
    for window in later:
        await window.goto(f"{url}/demo")
    await open_chat(later[0])
    await expect(log(later[0])).to_contain_text("You said: from the tunnel")
    await settle(later[0])
    await expect(log(later[0]).locator(".shopper .text")).to_have_text(
        ["online", "from the tunnel"]
    )
    assert [body["message"] for body in rasa.seen] == ["online", "from the tunnel"]


async def test_an_agent_s_reply_arrives_and_its_options_work(open_page, url, service, rasa):
    rasa.answers["help"] = []  # silence from the bot means a human
    page = await open_page(f"{url}/demo")
    await open_chat(page)
    await send(page, "help")
    await expect(chat(page).locator("#notice")).to_contain_text("A colleague has taken over")
    number = (await transcript(page, url))["conversation"]
    async with service.state.runtime.sessions.begin() as session:
        conversation = await conversations.lock(session, int(number))
        await conversations.post(
            session, conversation, Author.AGENT, "Hi, Ana here.", now=datetime.now(UTC)
        )
    await expect(log(page).locator(".agent .text")).to_have_text(["Hi, Ana here."])
    await expect(log(page).locator(".agent .who")).to_contain_text("Support")


async def test_a_connection_cut_again_and_again_loses_and_doubles_nothing(open_page, url, watch):
    """Every connection to the service ends after a few kilobytes, wherever that falls."""
    watch.expected = ["ERR_", "the stream"]
    async with cutting(url) as proxy:
        page = await open_page(f"{proxy.url}/demo")
        await open_chat(page)
        proxy.cut_after = 2500
        said = [f"message {number} {'x' * 200}" for number in range(12)]
        for text in said:
            await send(page, text)
        bot = log(page).locator(".bot .text")
        await expect(bot.last).to_contain_text("message 11", timeout=30_000)
        await settle(page)
        await expect(log(page).locator(".shopper .text")).to_have_text(said)
        answers = "\n".join((await bot.all_inner_texts())[1:])
        numbers = [line.split()[-2] for line in answers.split("\n") if line]
        assert numbers == [str(number) for number in range(12)]
        assert proxy.cuts > 3


async def test_a_signed_in_shopper_needs_no_other_proof(shop, open_page, url, service):
    runtime = service.state.runtime
    async with runtime.sessions.begin() as session:
        for number, email in (("7001", "ana@example.com"), ("7002", "ben@example.com")):
            session.add(
                Order(
                    key=number, number=number, email=email, source="csv", external_id=number,
                    placed_at=datetime.now(UTC),
                )
            )  # fmt: skip
    shop.state.policy = f"script-src {url}; frame-src {url}"

    def signed_in(email):
        token = identity_token(IDENTITY_KEY, email=email)
        script = f'<script src="{url}/widget.js" data-identity="{token}"></script>'
        shop.state.page = f"<title>x</title><body>{script}"

    signed_in("Ana@example.com")
    page = await open_page(shop.state.url)
    await open_chat(page)
    await send(page, "I am Ana")
    await expect(log(page)).to_contain_text("You said: I am Ana")
    signed_in("ben@example.com")  # another customer at the same computer
    await page.goto(shop.state.url)
    await expect(field(page)).to_be_visible()
    await send(page, "I am Ben")
    await expect(log(page)).to_contain_text("You said: I am Ben")
    await expect(log(page)).not_to_contain_text("Ana")
    shop.state.page = f'<title>x</title><body><script src="{url}/widget.js" data-forget></script>'
    await page.goto(shop.state.url)  # signed out
    await expect(field(page)).to_be_visible()
    await expect(log(page)).to_contain_text("Hello!")
    await expect(log(page)).not_to_contain_text("Ben")

    async with runtime.sessions() as session:
        newest = await session.scalars(
            select(Conversation.id).order_by(Conversation.id.desc()).limit(2)
        )
        opened = [
            [order.number for order in await proven(session, number, now=datetime.now(UTC))]
            for number in newest.all()
        ]
    assert opened == [["7002"], ["7001"]]


async def transcript(page, url):
    token = await page.frames[1].evaluate("localStorage['wismo.session']")
    answer = await page.request.get(f"{url}/chat/messages", headers={"X-Wismo-Session": token})
    return await answer.json()
