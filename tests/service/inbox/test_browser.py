"""An agent in a real browser: signs in, sees a ticket arrive, answers, closes."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from bot.actions.contract import Reason
from kit import clock
from service.storefront.models import OrderItem, Parcel, TrackingAnswer, TrackingEventRow

# Names a folder to keep pictures of the pages in, for people to look at.
PICTURES = os.environ.get("WISMO_TEST_PICTURES")


@pytest.fixture
async def door(url, make_desk, open_page):
    """Opens the inbox as a new agent: ``page = await door("Ana")``."""

    async def enter(name="Ana", **options):
        desk = await make_desk(name, signed_in=False)
        page = await open_page(f"{url}/inbox/", **options)
        await page.get_by_label("E-mail").fill(desk.email)
        await page.get_by_label("Password").fill(desk.password)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("navigation", name="Lists")).to_be_visible()
        return page

    return enter


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
        for hours, status, text in (
            (200, "label_created", "Label printed"),
            (130, "in_transit", "Departed"),
        ):
            session.add(
                TrackingEventRow(
                    parcel_id=parcel.id,
                    answer_id=answer.id,
                    digest=text,
                    at=now - timedelta(hours=hours),
                    local_time_only=False,
                    status=status,
                    place="Leeds",
                    code="X",
                    text=text,
                )
            )
        for parcel_id, title in ((parcel.id, "Wool socks"), (None, "Rain jacket, dark green")):
            session.add(OrderItem(order_id=order_id, parcel_id=parcel_id, title=title, quantity=2))
    return order_id


async def test_a_case_from_arrival_to_closing(door, shopper, parcel):
    page = await door()
    await expect(page.get_by_text("Nobody is waiting")).to_be_visible()

    await shopper.say("It says delivered but there is nothing here")
    await shopper.hand_over(Reason.NOT_RECEIVED, order_id=parcel, note="asked two neighbours")
    await page.get_by_role("link", name="Delivered not received · #1001").click()

    await expect(page.get_by_text("asked two neighbours")).to_be_visible()
    await expect(page.get_by_text("2 × Wool socks")).to_be_visible()
    await expect(page.get_by_text("Departed")).to_be_visible()
    await shopper.say("I looked again: nothing")
    await expect(page.get_by_text("I looked again: nothing")).to_be_visible()

    box = page.get_by_label("Your answer")
    await box.fill("Ana here.\nI am asking the carrier.")
    await shopper.say("thanks")
    await expect(page.get_by_text("thanks", exact=True)).to_be_visible()
    await expect(box).to_have_value("Ana here.\nI am asking the carrier.")
    await box.press("Control+Enter")
    await expect(page.locator(".message.agent")).to_contain_text("I am asking the carrier.")
    await expect(box).to_have_value("")
    await expect(page.get_by_text("you have it")).to_be_visible()

    await page.get_by_role("button", name="Close and give back to the bot").click()
    await expect(page.get_by_text("Nobody is waiting")).to_be_visible()
    conversation, messages = await shopper.conversation()
    assert conversation.handler == "bot"
    assert [m.author for m in messages] == ["shopper"] * 3 + ["agent", "system"]


async def test_a_colleague_who_is_faster_is_seen_and_nothing_typed_is_lost(door, shopper, watch):
    await shopper.say("hello?")
    await shopper.hand_over()
    ana, ben = await door("Ana"), await door("Ben")
    for page in (ana, ben):
        await page.get_by_role("link", name="Asked").click()
        await page.get_by_label("Your answer").fill(
            f"An answer from {'Ana' if page is ana else 'Ben'}"
        )
    watch.expected = ["409"]
    await ana.get_by_role("button", name="Send").click()
    await expect(ben.get_by_text("Ana has it")).to_be_visible()
    await ben.get_by_role("button", name="Send").click()
    await expect(ben.get_by_role("alert").first).to_contain_text("Ana took this ticket")
    await expect(ben.get_by_label("Your answer")).to_have_value("An answer from Ben")
    await ben.get_by_role("button", name="Take over from Ana").click()
    await expect(ana.get_by_text("Ben has it")).to_be_visible()


async def test_the_inbox_works_without_javascript(door, shopper):
    await shopper.say("hello?")
    await shopper.hand_over()
    page = await door(java_script_enabled=False)
    await page.get_by_role("link", name="Asked").click()
    await page.get_by_label("Your answer").fill("Ana here.")
    await page.get_by_role("button", name="Send").click()
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
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".message.agent")).to_be_visible()
    await page.get_by_label("Your answer").fill("  ")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_text("Write an answer first.")).to_be_visible()
    await check(page, f"ticket-{size}-{scheme}")
    await page.goto(f"{url}/inbox/tickets/{ticket + 1000}")
    await check(page, f"error-{size}-{scheme}")


async def check(page, name):
    """axe's rules, and no sideways scrolling."""
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
