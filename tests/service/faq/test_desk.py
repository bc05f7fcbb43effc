"""The editor over HTTP: what is saved is served, broken texts are not, nobody is lost."""

import asyncio
import io
import zipfile
from datetime import timedelta

import pytest

from kit import clock
from service.accounts import service as accounts
from tests.service.faq.conftest import GERMAN, RETURNS

SIXTY = RETURNS.replace("short: You have {{ returns.days }}", "short: You now have 60")


async def until(condition, seconds=2):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - another process's articles tell nobody
            await asyncio.sleep(0.02)


def short(runtime, slug="returns", lang="en"):
    article = runtime.faq.article(slug, lang)
    return article.short if article else None


async def test_the_editor_is_for_agents(http):
    for path in ("", "/en/returns", "/gaps", "/files", "/export.zip"):
        answer = await http.get(f"/inbox/faq{path}")
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/inbox/sign-in"), path


async def test_a_saved_text_wins_in_every_process_within_two_seconds_until_it_is_withdrawn(
    editor, runtime, open_process, http
):
    async with open_process() as other:
        page = await editor.open("/en/returns")
        assert "the file is served" in page.text
        saved = await editor.save(page, SIXTY, note="Longer for Christmas")
        assert saved.headers["location"] == "/inbox/faq/en/returns?said=publish"
        for process in (runtime, other):
            await until(lambda process=process: short(process) == "You now have 60 days.")
        async with open_process() as later:  # also one that starts afterwards
            assert short(later) == "You now have 60 days."

        page = await editor.open("/en/returns")
        assert "Longer for Christmas" in page.text
        assert "Ana" in page.text
        assert "You now have 60 days." in page.text.partition('class="diff"')[2]
        await editor.post("/en/returns/restore", page=page, seen="1", number="0")
        for process in (runtime, other):
            await until(lambda process=process: "returns.days" in short(process))
        page = await editor.open("/en/returns")
        await editor.post("/en/returns/restore", page=page, seen="2", number="1")
        await until(lambda: short(runtime) == "You now have 60 days.")


async def test_a_file_that_changes_while_a_process_starts_is_served(open_process, files):
    def change():
        (files / "en/returns.md").write_text(SIXTY)

    async with open_process(meanwhile=change) as process:
        await until(lambda: "now have 60" in short(process), seconds=30)


async def test_of_two_editors_the_second_sees_both_texts_and_loses_neither(editor, make_editor):
    bea = await make_editor("Bea")
    opened = [await each.open("/en/returns") for each in (editor, bea)]
    theirs = SIXTY.replace("60", "61")
    first, second = await asyncio.gather(editor.save(opened[0], SIXTY), bea.save(opened[1], theirs))
    assert sorted((first.status_code, second.status_code)) == [303, 409]
    lost = first if first.status_code == 409 else second
    assert "You now have 60 days" in lost.text
    assert "You now have 61 days" in lost.text
    again = await (editor if lost is first else bea).save(lost, SIXTY)
    assert again.status_code == 303  # now it was written over what they saw


@pytest.mark.parametrize(
    ("broken", "line", "reason"),
    [
        (RETURNS.replace("topics: [returns]", "topics: [returns"), "", "not YAML"),
        (RETURNS.replace("topics:", "topic:"), "Line 4", "topic is not a field"),
        (RETURNS.replace("{{ returns.days }} days**", "{{ returns.no }} days**"), "Line 10", "no"),
        (RETURNS.replace("---\ntitle", "title"), "Line 1", "front matter"),
    ],
)
async def test_a_broken_text_is_refused_with_its_line_and_kept_in_the_form(
    editor, runtime, broken, line, reason
):
    page = await editor.open("/en/returns")
    for act in ("publish", "draft"):
        refused = await editor.save(page, broken, act)
        assert refused.status_code == 422
        alert = refused.text.partition('role="alert"')[2].partition("</p>")[0]
        assert "Not saved." in alert
        assert line in alert
        assert reason in alert
        assert "How do I return something?" in refused.text.partition("<textarea")[2]
    assert "returns.days" in short(runtime)
    assert short(runtime, "christmas") is not None


async def test_a_draft_is_not_served_and_a_scheduled_text_when_its_time_comes(editor, runtime):
    page = await editor.open("/en/returns")
    await editor.save(page, SIXTY, "draft")
    page = await editor.open("/en/returns")
    assert "Draft" in page.text
    soon = clock.now() + timedelta(seconds=1.2)
    refused = await editor.save(page, SIXTY, "schedule", starts="2020-01-01T10:00")
    assert refused.status_code == 422
    far = await editor.save(page, SIXTY.replace("60", "90"), "schedule", starts="2099-01-01T10:00")
    assert far.status_code == 303
    page = await editor.open("/en/returns")
    assert "1 Jan 2099" in page.text
    assert "returns.days" in short(runtime)
    await editor.post("/en/returns/unschedule", page=page, number="2")
    page = await editor.open("/en/returns")
    assert "1 Jan 2099" not in page.text
    await editor.save(page, SIXTY, "schedule", starts=soon.replace(tzinfo=None).isoformat())
    await until(lambda: short(runtime) == "You now have 60 days.", seconds=5)
    assert clock.now() >= soon


async def test_a_preview_shows_any_day_and_counts_segments(editor, today):
    page = await editor.open("/en/christmas")
    text = (await editor.open("/en/christmas")).text.partition("<textarea")[2]
    assert "cutoffs.summary" in text
    window = f"short: Yes. {'x' * 160}\nvalid_from: 12-01\nvalid_until: 12-24\n"
    article = f"---\ntitle: Presents?\n{window}---\nUntil {{{{ date('christmas') | day }}}}.\n"

    async def seen(day, **more):
        form = {"lang": "en", "slug": "presents", "text": article, "day": day, **more}
        return (await editor.post("/preview", page=page, **form)).text

    december = await seen("2026-12-20")
    assert "Shown on 20 December 2026" in december
    assert "from 1 December 2026 to 24 December 2026" in december
    assert "<strong>2</strong> SMS segments" in december
    assert "Until Friday" in december
    assert "Web chat: yes" in december
    assert "Not shown on 25 December 2026" in await seen("2026-12-25")
    assert "of 70 characters" in await seen("2026-12-20", text=article.replace("Yes.", "Да."))
    assert "Line 3" in await seen("2026-12-20", text=article.replace("short:", "shorts:"))
    table = await editor.post(
        "/preview", page=page, lang="en", slug="christmas", day=today.isoformat(),
        text="---\ntitle: T\ncutoffs: christmas\nshort: S\n---\nB\n",
        question="last day for Spain by fast post?",
    )  # fmt: skip
    assert "fast post to Spain" in table.text


async def test_a_new_article_takes_no_other_s_place(editor, runtime):
    page = await editor.open("/new?title=Do+you+sell+ropes%3F&q=rope+for+sale&q=buy+%22rope%22")
    assert 'value="do-you-sell-ropes"' in page.text
    assert "buy \\&#34;rope\\&#34;" in page.text
    text = "---\ntitle: Ropes?\nquestions: [rope for sale]\n---\nYes.\n"
    taken = await editor.save(page, text, name="en/returns", new="true")
    assert taken.status_code == 422
    assert "already" in taken.text
    assert (await editor.save(page, text, name="en/Ropes!", new="true")).status_code == 422
    assert (await editor.save(page, text, name="en/ropes", new="true")).status_code == 303
    await until(lambda: runtime.faq.article("ropes", "en") is not None)
    assert "Ropes?" in (await editor.open("")).text


async def test_files_go_out_and_come_back_and_a_broken_one_stays_out(editor, runtime, files):
    page = await editor.open("/files")
    out = await editor.open("/export.zip")
    with zipfile.ZipFile(io.BytesIO(out.content)) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert texts.keys() == {"de/returns.md", "en/christmas.md", "en/easter.md", "en/returns.md"}
    assert texts["en/returns.md"] == (files / "en/returns.md").read_text()

    async def bring(name, raw):
        return await editor.post("/files", page=page, lang="de", files={"upload": (name, raw)})

    assert "0 published, 4 unchanged" in (await bring("faq.zip", out.content)).text
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("my/content/en/returns.md", SIXTY)
        archive.writestr("en/broken.md", "---\ntitle: [\n---\n")
        archive.writestr("readme.txt", "x")
    brought = (await bring("faq.zip", packed.getvalue())).text
    assert "1 published, 0 unchanged, 2 not taken" in brought
    assert "en/broken.md:" in brought
    await until(lambda: short(runtime) == "You now have 60 days.")
    assert "1 published" in (await bring("returns.md", GERMAN.replace("Tage", "Werktage"))).text
    assert "not a zip" in (await bring("x.zip", b"PK no")).text


async def test_a_file_that_was_refused_stands_on_top_of_the_list(editor, files, sessions):
    (files / "en/zebra.md").write_text("---\ntitle: [\n---\n")
    listed = (await editor.open("")).text
    assert listed.index("zebra") < listed.index("How do I return something?")
    assert "Not served" in listed
    assert "Not shown today" in listed  # Easter of 2021
    async with sessions.begin() as session:
        agent = await accounts.find(session, editor.email)
        await accounts.change(session, agent.id, active=False)
    assert (await editor.open("")).status_code == 303
