"""The second factor: a code from an app that changes every 30 seconds, or a recovery code."""

import hashlib
import io
from datetime import datetime
from typing import Final

import pyotp
import segno
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import BadInput, NotVerified
from service.accounts import passwords, throttle
from service.accounts.models import Agent, RecoveryCode
from service.db import Sessions

RECOVERY_CODES: Final = 10
_STEP_SECONDS: Final = 30


def new_secret() -> str:
    """A secret for an app, in base 32."""
    return pyotp.random_base32()


def qr(secret: str, *, email: str, shop: str) -> str:
    """The secret as a QR code that apps read: an SVG element, dark on white in either theme."""
    out = io.BytesIO()
    uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=f"Wismo {shop}")
    segno.make_qr(uri, error="m").save(
        out, kind="svg", light="white", omitsize=True, xmldecl=False, svgns=True, nl=False
    )
    return out.getvalue().decode()


async def switch_on(
    session: AsyncSession, agent: Agent, secret: str, code: str, *, now: datetime
) -> list[str]:
    """Ask for codes from now on, once the agent has shown that their app has the secret.

    Returns:
        Recovery codes. They are not kept and cannot be shown again.

    Raises:
        BadInput: The code is not the secret's.
    """
    step = _step_of(secret, code, now=now)
    if step is None:
        raise BadInput("That code does not fit. Codes change every 30 seconds: try the next one.")
    agent.totp_secret = secret
    agent.totp_step = step
    await session.execute(delete(RecoveryCode).where(RecoveryCode.agent_id == agent.id))
    codes = [passwords.readable() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(agent_id=agent.id, digest=_digest(each)) for each in codes)
    await session.flush()
    return codes


async def switch_off(session: AsyncSession, agent: Agent) -> None:
    """Ask for a password only."""
    agent.totp_secret = None
    await session.execute(delete(RecoveryCode).where(RecoveryCode.agent_id == agent.id))


async def check(sessions: Sessions, agent: Agent, code: str, *, now: datetime) -> None:
    """Take an agent's code, or one of their recovery codes. Each works once.

    Raises:
        NotVerified: It does not fit, or was used.
        LockedOut: Too many tries in 15 minutes.
    """
    async with sessions.begin() as session:
        await throttle.count(session, f"code:{agent.id}", throttle.TRIES_PER_CODE, now=now)
    async with sessions.begin() as session:
        if not await _take(session, agent, code, now=now):
            raise NotVerified("code refused")
        await throttle.clear(session, f"code:{agent.id}")


async def _take(session: AsyncSession, agent: Agent, code: str, *, now: datetime) -> bool:
    """Use a code up. Of two who bring the same one at once, one gets in."""
    step = _step_of(agent.totp_secret or "", code, now=now)
    if step is not None:
        used = (
            update(Agent)
            .where(Agent.id == agent.id, Agent.totp_step < step)
            .values(totp_step=step)
            .returning(Agent.id)
        )
        return await session.scalar(used) is not None
    recovered = (
        delete(RecoveryCode)
        .where(RecoveryCode.agent_id == agent.id, RecoveryCode.digest == _digest(code))
        .returning(RecoveryCode.id)
    )
    return await session.scalar(recovered) is not None


def _step_of(secret: str, code: str, *, now: datetime) -> int | None:
    """The step whose code this is: the present one, or the one before or after it.

    Source: RFC 6238, sections 4 and 5.2.
    """
    typed = "".join(code.split())
    if not secret or len(typed) != 6 or not typed.isdecimal() or not typed.isascii():
        return None
    present = int(now.timestamp()) // _STEP_SECONDS
    codes = pyotp.TOTP(secret)
    for step in (present, present - 1, present + 1):
        if pyotp.utils.strings_equal(codes.at(step * _STEP_SECONDS), typed):
            return step
    return None


def _digest(code: str) -> str:
    return hashlib.sha256("".join(code.split()).replace("-", "").lower().encode()).hexdigest()
