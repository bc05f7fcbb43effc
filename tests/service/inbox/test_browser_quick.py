"""An agent who is quicker than the page: a refresh that comes late takes nothing of theirs away."""

import asyncio

import pytest
from playwright.async_api import expect

from bot.actions.contract import Reason


@pytest.fixture
async def page(door, shopper):
    """Ana at a ticket's page."""
    await shopper.say("hello?")
    await shopper.hand_over()
    page = await door()
    await page.get_by_role("link", name="Asked").click()
    return page


def is_refresh(request):
    return request.method == "GET" and "hx-request" in request.headers


async def test_two_answers_one_after_the_other_go_out_in_order(page, shopper, now_due):
    box = page.get_by_label("Your answer")
    for words in ("Hi, Ana here.", "I am asking the carrier."):
        await box.fill(words)
        await box.press("Control+Enter")
        await expect(page.locator(".leaving")).to_contain_text(words)
        await expect(box).to_have_value("")
    await expect(page.locator(".message.agent:not(.leaving)")).to_contain_text("Hi, Ana here.")
    await now_due()
    await expect(page.locator(".leaving")).to_have_count(0)
    await expect(page.locator("#notice .notice")).to_have_count(0)
    said = [m.text for m in (await shopper.conversation())[1] if m.author == "agent"]
    assert said == ["Hi, Ana here.", "I am asking the carrier."]


async def test_a_refresh_from_before_an_act_does_not_take_its_outcome_away(page, shopper, sessions):
    story = page.locator("#transcript")
    held, let_go = asyncio.Event(), asyncio.Event()

    async def slowly(route):
        if held.is_set() or not is_refresh(route.request):
            await route.continue_()
            return
        answer = await route.fetch()  # as it was before the act
        held.set()
        await let_go.wait()
        await route.fulfill(response=answer)

    await page.route("**/inbox/tickets/*", slowly)
    await shopper.say("are you there?")
    await held.wait()
    box = page.get_by_label("Your answer")
    await box.fill("Ana here.")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator(".leaving")).to_contain_text("Ana here.")
    # Whatever the old page brings, the answer on its way does not leave the new one for a moment.
    await page.evaluate(
        """window.gone = 0; new MutationObserver(() => {
             if (!document.querySelector(".leaving")) window.gone += 1;
           }).observe(document.getElementById("case"), {childList: true, subtree: true})"""
    )
    await shopper.say("hello??")
    let_go.set()
    await expect(story.get_by_text("hello??")).to_be_visible()
    assert await page.evaluate("window.gone") == 0


async def test_what_is_typed_while_an_answer_is_taken_in_stays(page):
    held, let_go = asyncio.Event(), asyncio.Event()

    async def slowly(route):
        held.set()
        await let_go.wait()
        await route.continue_()

    await page.route("**/answer", slowly)
    box = page.get_by_label("Your answer")
    await box.fill("Ana here.")
    await box.press("Control+Enter")
    await held.wait()
    await box.press_sequentially(" And one more thing")
    let_go.set()
    await expect(page.locator(".leaving .words")).to_have_text("Ana here.")
    await expect(box).to_have_value("And one more thing")
    await expect(box).to_be_focused()


async def test_a_refresh_that_had_to_wait_for_a_menu_is_made_up_for(page, shopper):
    await page.locator("#act-tag").click()
    await shopper.hand_over(Reason.DAMAGED, note="the box is wet")
    await expect(page.locator("#order")).to_contain_text("the box is wet")
    await expect(page.locator("#tag-name")).to_be_visible()  # its part of the page was left alone
    await expect(page.locator("#head h1")).to_contain_text("Asked")
    await page.keyboard.press("Escape")
    await expect(page.locator("#head h1")).to_contain_text("Damaged")
