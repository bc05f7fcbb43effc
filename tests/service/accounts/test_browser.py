"""The pages for accounts, people, figures and the audit log, in a real browser."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect
from sqlalchemy import text

from service.accounts import service as accounts
from service.accounts import teams
from service.accounts.permissions import Role

# Names a folder to keep pictures of the pages in, for people to look at.
PICTURES = os.environ.get("WISMO_TEST_PICTURES")

# Three weeks of two channels, without a word in them.
BUSY_SHOP = """
INSERT INTO conversations (channel, address)
SELECT (ARRAY['web', 'twilio_sms'])[1 + n % 2], 'shopper ' || n FROM generate_series(1, 160) n;
INSERT INTO messages (conversation_id, author, text, at, delivery)
SELECT c.id, said.author, 'x', now() - make_interval(hours => 12 + (c.id * 7 % 20 * 24)::int)
       + make_interval(mins => said.n), 'sent'
FROM conversations c CROSS JOIN (VALUES ('shopper', 0), ('bot', 1)) said(author, n)
ORDER BY c.id, said.n;
INSERT INTO tickets (conversation_id, reason, status, opened_at, due_at, first_answer_at, closed_at,
                     breached_at)
SELECT c.id, (ARRAY['asked', 'delivered_not_received', 'damaged', 'lost_suspected'])[1 + c.id % 4],
       'closed', m.at, m.at + interval '1 hour', m.at + make_interval(mins => (c.id % 70)::int),
       m.at + make_interval(hours => (1 + c.id % 9)::int),
       CASE WHEN c.id % 70 > 60 THEN m.at + interval '1 hour' END
FROM conversations c JOIN messages m ON m.conversation_id = c.id AND m.author = 'bot'
WHERE c.id % 3 = 0;
INSERT INTO ratings (ticket_id, conversation_id, score, asked_at)
SELECT id, conversation_id, CASE WHEN id % 4 > 0 THEN 1 + id % 5 END, closed_at FROM tickets;
"""


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
async def test_the_pages_are_for_everybody(
    url, make_desk, give_role, open_page, sessions, size, scheme
):
    ana = await make_desk("Ana", signed_in=False)
    await give_role(ana, Role.ADMIN)
    async with sessions.begin() as session:
        ben = await accounts.add(session, "ben@example.com", "Ben", role=Role.AGENT)
        team = await teams.add(session, "Fraud", private=True)
        await teams.change(session, team, private=True, agent_ids=[ben.id])
        for statement in BUSY_SHOP.split(";\n"):
            await session.execute(text(statement))

    async def look(name):
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await page.evaluate(wide) <= 0, name
        if PICTURES:
            picture = Path(PICTURES) / f"{name}-{size}-{scheme}.png"
            await page.screenshot(path=picture, full_page=True)
        found = await Axe().run(page)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"

    page = await open_page(f"{url}/inbox/account", size=size, color_scheme=scheme)
    await look("door")
    await page.get_by_label("E-mail").fill(ana.email)
    await page.get_by_label("Password").fill(ana.password)
    await page.get_by_role("button", name="Sign in").click()
    await page.locator("#on-password").fill(ana.password)
    await page.get_by_role("button", name="Set it up").click()
    await expect(page.get_by_role("img", name="QR code")).to_be_visible()
    await look("account")

    places = page.get_by_role("navigation", name="Places")
    await places.get_by_role("link", name="People").click()
    await page.get_by_text("Change Ben").click()
    await page.get_by_text("Change Fraud").click()
    await expect(page.get_by_role("checkbox", name="Ben")).to_be_checked()
    await page.get_by_text("What each role may do").click()
    await look("people")

    await places.get_by_role("link", name="Figures").click()
    await expect(page.get_by_role("img", name="Broken promises")).to_be_visible()
    await page.get_by_text("How it is counted").first.click()
    await expect(page.get_by_text("A conversation here is what one shopper writes")).to_be_visible()
    await page.get_by_text("Numbers", exact=False).first.click()
    await look("figures")

    await places.get_by_role("link", name="Audit").click()
    await page.get_by_role("button", name="Check that it is whole").click()
    await expect(page.get_by_text("whole. The last")).to_be_visible()
    await look("audit")
