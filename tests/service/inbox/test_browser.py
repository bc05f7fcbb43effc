"""An agent in a real browser: signs in, sees a ticket arrive, answers, closes."""

import asyncio
import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from bot.actions.contract import Reason
from kit import clock
from service.inbox import macros
from service.storefront.models import OrderItem, Parcel, TrackingAnswer, TrackingEventRow

# Names a folder to keep pictures of the pages in, for people to look at.
PICTURES = os.environ.get("WISMO_TEST_PICTURES")


@pytest.fixture
async def parcel(sessions, add_order):
    """An order with a parcel that has been scanned twice, and an item still to come."""
    now = clock.now()
    order_id = await add_order(
        name="Jo Fox",
        email="jo@example.com",
        phone="+442079460000",
        placed_at=now - timedelta(days=9),
        promised_to=now - timedelta(days=1),
        total="84.50",
        currency="GBP",
    )
    async with sessions.begin() as session:
        parcel = Parcel(
            order_id=order_id,
            carrier="sandbox",
            number="SB0000001001",
            status="in_transit",
            fetched_at=now - timedelta(minutes=12),
        )
        session.add(parcel)
        await session.flush()
        answer = TrackingAnswer(parcel_id=parcel.id, source="sandbox", fetched_at=now, raw={})
        session.add(answer)
        await session.flush()
        for hours, status, words in (
            (200, "label_created", "Label printed"),
            (130, "in_transit", "Departed"),
        ):
            session.add(
                TrackingEventRow(
                    parcel_id=parcel.id,
                    answer_id=answer.id,
                    digest=words,
                    at=now - timedelta(hours=hours),
                    local_time_only=False,
                    status=status,
                    place="Leeds",
                    code="X",
                    text=words,
                )
            )
        for parcel_id, title in ((parcel.id, "Wool socks"), (None, "Rain jacket, dark green")):
            session.add(OrderItem(order_id=order_id, parcel_id=parcel_id, title=title, quantity=2))
    return order_id


async def test_a_case_from_arrival_to_closing(door, shopper, parcel, now_due):
    page = await door()
    await expect(page.get_by_text("Nobody is waiting")).to_be_visible()

    await shopper.say("It says delivered but there is nothing here")
    await shopper.hand_over(Reason.NOT_RECEIVED, order_id=parcel, note="asked two neighbours")
    await page.get_by_role("link", name="Delivered not received · #1001").click()

    await expect(page.locator(".note")).to_contain_text("asked two neighbours")
    await expect(page.get_by_text("2 × Wool socks")).to_be_visible()
    await expect(page.get_by_text("Departed")).to_be_visible()
    story = page.locator("#transcript")
    await shopper.say("I looked again: nothing")
    await expect(story.get_by_text("I looked again: nothing")).to_be_visible()

    box = page.get_by_label("Your answer")
    await box.fill("Ana here.\nI am asking the carrier.")
    await shopper.say("thanks")
    await expect(story.get_by_text("thanks", exact=True)).to_be_visible()
    await expect(box).to_have_value("Ana here.\nI am asking the carrier.")
    await box.press("Control+Enter")
    await expect(page.locator(".leaving")).to_contain_text("I am asking the carrier.")
    await expect(box).to_have_value("")
    await expect(page.get_by_text("you have it")).to_be_visible()

    await page.get_by_role("button", name="Undo").click()
    await expect(page.locator(".leaving")).to_have_count(0)
    await expect(box).to_have_value("Ana here.\nI am asking the carrier.")
    await box.press("Control+Enter")
    await expect(page.locator(".leaving")).to_be_visible()
    await now_due()
    await expect(page.locator(".leaving")).to_have_count(0)
    await expect(page.locator(".message.agent")).to_contain_text("I am asking the carrier.")

    await page.get_by_role("button", name="Close and give back to the bot").click()
    await expect(page.get_by_text("Nobody is waiting")).to_be_visible()
    conversation, messages = await shopper.conversation()
    assert conversation.handler == "bot"
    assert [m.author for m in messages if m.author != "system"] == ["shopper"] * 3 + ["agent"]


async def test_two_who_answer_at_once_both_see_it_and_one_answer_goes_out(
    door, shopper, watch, now_due
):
    await shopper.say("hello?")
    await shopper.hand_over()
    ana, ben = await door("Ana"), await door("Ben")
    for page in (ana, ben):
        await page.get_by_role("link", name="Asked").click()
    await ana.get_by_label("Your answer").press_sequentially("An answer from Ana")
    await expect(ben.get_by_text("Ana is typing")).to_be_visible()
    await ben.get_by_label("Your answer").fill("An answer from Ben")
    await expect(ana.get_by_text("Ben is typing")).to_be_visible()
    watch.expected = ["409"]
    await asyncio.gather(
        ana.get_by_role("button", name="Send", exact=True).click(),
        ben.get_by_role("button", name="Send", exact=True).click(),
    )
    for page in (ana, ben):
        await expect(page.locator(".leaving")).to_have_count(1)
    alerts = [await page.locator("#notice .notice").count() for page in (ana, ben)]
    assert sorted(alerts) == [0, 1]
    loser, name = (ana, "Ana") if alerts[0] else (ben, "Ben")
    await expect(loser.get_by_label("Your answer")).to_have_value(f"An answer from {name}")
    await now_due()
    await expect(loser.locator(".message.agent")).to_have_count(1)
    await expect(loser.get_by_label("Your answer")).to_have_value(f"An answer from {name}")
    await loser.get_by_role("button", name="Take over from").click()
    winner = ben if loser is ana else ana
    await expect(winner.get_by_text(f"{name} has it")).to_be_visible()


async def test_everything_by_keyboard(door, shopper, parcel, sessions, add_agent):
    for number, words in ((1, "It says delivered"), (2, "Is the jacket warm?")):
        each = type(shopper)(shopper.sessions, f"shopper-{number}")
        await each.say(words)
        await each.hand_over(Reason.ASKED, order_id=parcel if number == 1 else None)
    async with sessions.begin() as session:
        await macros.save(
            session,
            None,
            name="Asking the carrier",
            text="Hello {shopper|there}, I ask {carrier} about {order}. {agent}",
            agent=await add_agent("Cleo"),
            now=clock.now(),
        )
    page = await door()
    press = page.keyboard.press
    await expect(page.get_by_role("link", name="Asked for a person")).to_have_count(2)
    await press("?")
    await expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    await press("Escape")
    await press("/")
    await page.keyboard.type("deliver")
    await press("Enter")
    await expect(page.locator("mark")).to_have_text("delivered")
    await press("j")
    await press("Enter")
    await expect(page.get_by_role("heading", name="Order #1001")).to_be_visible()
    await press("i")
    await expect(page.get_by_text("you have it")).to_be_visible()
    await press("t")
    await page.keyboard.type("VIP")
    await press("Enter")
    await expect(page.get_by_role("button", name="Remove tag vip")).to_be_visible()
    await press("n")
    await page.keyboard.type("@cleo knows them")
    await press("Control+Enter")
    await expect(page.locator(".note-entry")).to_contain_text("@cleo knows them")
    await press("m")
    await press("Enter")
    box = page.get_by_label("Your answer")
    await expect(box).to_have_value("Hello there, I ask SANDBOX about #1001. Ana")
    await expect(page.locator("#preview")).to_contain_text("characters")
    await press("Control+Enter")
    await expect(page.locator(".leaving")).to_be_visible()
    await press("Escape")
    await press("z")
    await expect(page.locator(".leaving")).to_have_count(0)
    await press("Escape")
    await press("s")
    await press("Enter")
    await expect(page).to_have_url(re.compile(r"/inbox/$"))
    await press("g")
    await press("s")
    await expect(page.get_by_role("link", name="Asked for a person · #1001")).to_be_visible()


async def test_the_inbox_works_without_javascript(door, shopper, now_due):
    await shopper.say("hello?")
    await shopper.hand_over()
    page = await door(java_script_enabled=False)
    await page.get_by_role("link", name="Asked").click()
    await page.get_by_label("Your answer").fill("Ana here.")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator(".leaving")).to_contain_text("Ana here.")
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_label("Your answer")).to_have_value("Ana here.")
    await page.get_by_role("button", name="Send", exact=True).click()
    await now_due()
    await page.reload()
    await expect(page.locator(".message.agent")).to_contain_text("Ana here.")
    await page.get_by_role("button", name="Close and give back to the bot").click()
    await expect(page.get_by_text("Nobody is waiting")).to_be_visible()


@pytest.mark.parametrize(
    ("scheme", "size"),
    [("light", "desktop"), ("dark", "desktop"), ("light", "phone"), ("dark", "phone")],
)
async def test_axe_finds_nothing_and_nothing_is_cut_off(
    door, open_page, url, shopper, parcel, watch, scheme, size
):
    watch.expected = ["404", "409", "422"]
    now = clock.now()
    late = type(shopper)(shopper.sessions, "shopper-2")
    await late.say("Where is it??? " + "long " * 60 + "w" * 200)
    await late.hand_over(Reason.MISUNDERSTOOD, now=now - timedelta(hours=6))
    await shopper.say("It says delivered but there is nothing here")
    ticket = await shopper.hand_over(
        Reason.NOT_RECEIVED, order_id=parcel, note="asked two neighbours", tell=True, now=now
    )
    page = await open_page(f"{url}/inbox/", size=size, color_scheme=scheme)
    await check(page, f"sign-in-{size}-{scheme}")
    page = await door(size=size, color_scheme=scheme)
    await expect(page.get_by_role("link", name="The bot did not understand")).to_be_visible()
    await check(page, f"list-{size}-{scheme}")
    await page.get_by_role("link", name="Delivered not received").click()
    await page.get_by_label("Your answer").fill("Ana here.")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator(".leaving")).to_be_visible()
    await page.get_by_label("Your answer").fill("  ")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.get_by_text("Write an answer first.")).to_be_visible()
    await check(page, f"ticket-{size}-{scheme}")
    # Room for what was said last, and for what it answers. Asked until so: news may just redraw it.
    await page.wait_for_function("document.querySelector('#transcript')?.clientHeight >= 150")
    await page.locator("#act-snooze").click()
    await check(page, f"menu-{size}-{scheme}")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Keyboard shortcuts").click()
    await check(page, f"keys-{size}-{scheme}")
    await page.keyboard.press("Escape")
    await page.goto(f"{url}/inbox/search?q=delivered+noth")
    await check(page, f"search-{size}-{scheme}")
    await page.goto(f"{url}/inbox/?queue=closed")
    await expect(page.locator(".queues [aria-current]")).to_be_in_viewport(ratio=0.9)
    await page.goto(f"{url}/inbox/tickets/{ticket + 1000}")
    await check(page, f"error-{size}-{scheme}")


async def check(page, name):
    """axe's rules, and no sideways scrolling."""
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
