"""Files of answers: kept here and given on; an address that leads inside is never fetched."""

import pytest
from fastapi import FastAPI, Response

from service.inbox import files
from tests.support.serving import serve

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


def file_server(asked):
    app = FastAPI()

    @app.get("/{name:path}")
    async def file(name: str):
        asked.append(name)
        if name == "away":
            return Response(status_code=302, headers={"Location": "http://169.254.169.254/latest"})
        return Response(PNG, media_type="text/html")

    return app


async def answered_with(world, *urls):
    await world.say("help")
    ticket_id = await world.hand_over()
    await world.settle()
    there = await world.there()
    links = [(f"label {number}.png", url) for number, url in enumerate(urls)]
    world.desk.reply(there, "Here it is.", files=links)
    await world.later()
    await world.settle()
    _, said = await world.said()
    return ticket_id, said[-1][1].splitlines()


async def test_a_file_goes_to_the_shopper_by_a_link_of_ours(make_world):
    asked = []
    async with (
        serve(file_server(asked)) as url,
        make_world("chatwoot", outbound_allow="127.0.0.0/8") as world,
    ):
        ticket_id, lines = await answered_with(world, f"{url}/a/label.png?token=1")
        assert lines[0] == "Here it is."
        name, _, link = lines[1].partition(": ")
        assert name == "label.png"
        async with world.runtime.sessions() as session:
            token = link.rpartition("/")[2]
            kept = await files.read(session, files.read_link(world.runtime.settings, token))
            assert (kept.content, kept.content_type) == (PNG, "image/png")  # by its content
            assert list(await files.of_ticket(session, ticket_id)) == [kept.message_id]


@pytest.mark.parametrize("allowed", ["", "127.0.0.0/8"])
async def test_an_address_that_leads_inside_is_refused(make_world, allowed):
    asked = []
    async with (
        serve(file_server(asked)) as url,
        make_world("zendesk", outbound_allow=allowed) as world,
    ):
        _, lines = await answered_with(
            world,
            "http://10.0.0.7/secrets",
            "http://[::ffff:169.254.169.254]/latest/meta-data",
            "file:///etc/passwd",
            f"{url}/away",
        )
        assert lines == ["Here it is."] + [
            f"(label {number}.png: this file could not be passed on.)" for number in range(4)
        ]
        assert asked == (["away"] if allowed else [])
        assert not any("169.254" in path for _, path in world.desk.seen)
