"""Files of answers: kept here and given on; an address that leads inside is never fetched."""

from datetime import timedelta

import pytest
from fastapi import FastAPI, Response
from sqlalchemy import select, update

from kit import clock
from service.attachments import service as attachments
from service.attachments.models import Attachment, Fetch
from service.attachments.pictures import Picture
from service.conversations.models import Message
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


async def sends_picture(world, words):
    """A shopper's message with a picture that is still at their provider; gives its id."""
    conversation_id = await world.say(words)
    async with world.runtime.sessions.begin() as session:
        newest = select(Message.id).filter_by(conversation_id=conversation_id)
        message_id = await session.scalar(newest.order_by(Message.id.desc()).limit(1))
        picture = Attachment(
            conversation_id=conversation_id,
            message_id=message_id,
            state=Fetch.WAITING,
            content_type="image/png",
            name="x",
            created_at=clock.now(),
        )
        session.add(picture)
        await session.flush()
        return picture.id


async def kept(world, attachment_id):
    async with world.runtime.sessions.begin() as session:
        picture = await session.get_one(Attachment, attachment_id)
        await attachments.keep(session, picture, Picture(PNG, "image/png", 2, 2))


@pytest.mark.parametrize("slug", ["chatwoot", "freshdesk", "gorgias", "zendesk"])
async def test_a_shoppers_picture_comes_with_its_words_and_in_order(make_world, slug):
    async with make_world(slug) as world:
        await world.say("it is broken")
        before = await sends_picture(world, "look")
        await kept(world, before)
        await world.hand_over()
        after = await sends_picture(world, "and here")
        await world.say("please help")
        await world.settle()
        there = await world.there()
        assert world.desk.words(there)[1:] == [("shopper", "look")]
        await kept(world, after)
        await world.settle()
        assert world.desk.words(there)[1:] == [
            ("shopper", "look"),
            ("shopper", "and here"),
            ("shopper", "please help"),
        ]
        names = [[name for name, _ in c.files] for c in world.desk.find(there).comments[1:]]
        assert names == [[f"picture-{before}.png"], [f"picture-{after}.png"], []]


async def test_a_picture_that_never_comes_holds_nothing_up_for_long(world):
    await world.hand_over()
    picture = await sends_picture(world, "")
    await world.settle()
    there = await world.there()
    assert len(world.desk.words(there)) == 1
    async with world.runtime.sessions.begin() as session:
        long_ago = clock.now() - timedelta(minutes=16)
        await session.execute(update(Message).values(at=long_ago))
        late = await session.get_one(Attachment, picture)
        assert late.state == Fetch.WAITING
    await world.settle()
    assert world.desk.words(there)[1:] == [("shopper", "(a picture)")]
