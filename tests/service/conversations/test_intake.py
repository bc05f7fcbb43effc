"""What is committed together: in order, once, and nobody suffers from another's message."""

import asyncio

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from integrations.messages import InboundMessage
from service.conversations.intake import Intake
from service.conversations.models import Message
from tests.service.conversations.conftest import NOW, SETTINGS


def message(address, n):
    return InboundMessage("twilio_sms", f"m{n}", address, f"{address} {n}", NOW)


async def test_many_at_once_are_each_stored_once_in_their_order(sessions):
    intake, other = Intake(sessions, SETTINGS), Intake(sessions, SETTINGS)
    people = [f"+121255501{n:02}" for n in range(20)]

    async def write(door, address):
        for n in range(3):
            await door.take([message(address, n)])
            await door.take([message(address, n)])

    await asyncio.gather(*(write(door, who) for who in people for door in (intake, other)))
    async with sessions() as session:
        texts = (await session.scalars(select(Message.text).order_by(Message.id))).all()
    for who in people:
        assert [text for text in texts if text.startswith(who)] == [f"{who} {n}" for n in range(3)]


async def test_one_that_cannot_be_stored_is_refused_alone(sessions):
    intake = Intake(sessions, SETTINGS)
    good = [message(f"+121255501{n:02}", 1) for n in range(30)]
    bad = message("+12125550199", "\0")
    taken = await asyncio.gather(
        *(intake.take([one]) for one in [*good[:15], bad, *good[15:]]), return_exceptions=True
    )
    assert sum(isinstance(answer, Exception) for answer in taken) == 1
    with pytest.raises((SQLAlchemyError, ValueError)):
        await intake.take([bad])
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Message)) == 30
