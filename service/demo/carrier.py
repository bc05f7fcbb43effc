"""What the sandbox carrier knows and does. Functions take a session and never commit."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import BadInput, NotFound
from service.demo.models import SandboxFault, SandboxParcel, SandboxScan

EVERY_NUMBER: Final = "*"

# The carrier's own words for its codes. What a code means to us stands in the adapter's table.
WORDS: Final[dict[str, str]] = {
    "LBL": "Label printed, parcel not handed over yet",
    "PUP": "Picked up from the sender",
    "ARR": "Arrived at hub",
    "DEP": "Departed from hub",
    "EXP": "Left the country of origin",
    "IMP": "Arrived in the destination country",
    "CIN": "Presented to customs",
    "COK": "Released by customs",
    "CUS": "Customs need information from the recipient",
    "DUT": "Import duty to be paid by the recipient",
    "DOC": "Customs documents are missing",
    "DLY": "Delayed",
    "WTH": "Delayed by weather",
    "RSC": "Delivery rescheduled",
    "OFD": "Out for delivery",
    "NOT": "Delivery attempted, nobody at home",
    "CLO": "Delivery attempted, business closed",
    "ADR": "Address incomplete, recipient's answer needed",
    "PKP": "Ready at the pickup point",
    "LKR": "Ready in the parcel locker",
    "DLV": "Delivered",
    "SIG": "Delivered, signed for",
    "NBR": "Delivered to a neighbour",
    "SAF": "Left in a safe place",
    "HLD": "Held at depot",
    "DMG": "Damaged in transit",
    "LST": "Declared lost",
    "REF": "Refused by the recipient, going back",
    "RTS": "Going back to the sender",
    "RTD": "Returned to the sender",
    "CAN": "Shipment cancelled",
    "XPD": "Tracking expired",
}


async def answer(session: AsyncSession, number: str, *, now: datetime) -> dict[str, Any]:
    """The body of ``GET /sandbox/track/{number}``: scans up to ``now``, oldest first.

    Raises:
        NotFound: The carrier has no such number.
    """
    parcel = await _parcel(session, number)
    scans = await session.scalars(
        select(SandboxScan)
        .where(SandboxScan.parcel_id == parcel.id, SandboxScan.at <= now)
        .order_by(SandboxScan.at, SandboxScan.id)
    )
    return _body(parcel, scans.all())


async def webhooks(session: AsyncSession, number: str, *, now: datetime) -> list[dict[str, Any]]:
    """The body of one webhook for each scan so far, in their order: an answer with one scan."""
    whole = (await answer(session, number, now=now))["parcel"]
    return [{"parcel": {**whole, "scans": [scan]}} for scan in whole["scans"]]


async def advance(session: AsyncSession, number: str, *, clock: Callable[[], datetime]) -> None:
    """Let the next scan happen now; those after it keep their distance to it.

    Args:
        clock: Read once the parcel is locked, so that two at once are one after the other.

    Raises:
        NotFound: No such number.
        BadInput: Nothing is left to happen.
    """
    parcel = await _parcel(session, number, lock=True)
    now = clock()
    coming = (SandboxScan.parcel_id == parcel.id, SandboxScan.at > now)
    following = await session.scalar(select(SandboxScan.at).where(*coming).order_by(SandboxScan.at))
    if following is None:
        raise BadInput(f"sandbox: nothing is left to happen to {number}; add a scan instead")
    await session.execute(
        update(SandboxScan)
        .where(*coming)
        .values(at=SandboxScan.at - (following - now))
        .execution_options(synchronize_session=False)
    )


async def scan(
    session: AsyncSession, number: str, code: str, place: str | None, *, now: datetime
) -> None:
    """Scan a parcel now, whatever was planned; a code that no table knows is taken, too.

    Raises:
        NotFound: No such number.
    """
    parcel = await _parcel(session, number, lock=True)
    session.add(SandboxScan(parcel_id=parcel.id, at=now, code=code, place=place))


async def fault_for(session: AsyncSession, number: str) -> SandboxFault | None:
    """How to misbehave when asked for ``number``: its own fault, else everybody's."""
    faults = await session.scalars(
        select(SandboxFault).where(SandboxFault.number.in_((number, EVERY_NUMBER)))
    )
    by_number = {fault.number: fault for fault in faults}
    return by_number.get(number) or by_number.get(EVERY_NUMBER)


async def misbehave(session: AsyncSession, number: str, fault: SandboxFault | None) -> None:
    """Replace the fault of ``number``; ``None`` takes it away."""
    await session.execute(delete(SandboxFault).where(SandboxFault.number == number))
    if fault is not None:
        session.add(fault)


async def behave(session: AsyncSession) -> None:
    """Take every fault away."""
    await session.execute(delete(SandboxFault))


async def _parcel(session: AsyncSession, number: str, *, lock: bool = False) -> SandboxParcel:
    query = select(SandboxParcel).where(SandboxParcel.number == number)
    parcel = await session.scalar(query.with_for_update() if lock else query)
    if parcel is None:
        raise NotFound("sandbox: no such number")
    return parcel


def _body(parcel: SandboxParcel, scans: Any) -> dict[str, Any]:
    promised = None
    if parcel.promised_from and parcel.promised_to:
        promised = {
            "from": parcel.promised_from.isoformat(),
            "to": parcel.promised_to.isoformat(),
        }
    return {
        "parcel": {
            "number": parcel.number,
            "promised": promised,
            "scans": [
                {
                    "code": scan.code,
                    "at": scan.at.isoformat(),
                    "place": scan.place,
                    "text": WORDS.get(scan.code, scan.code),
                }
                for scan in scans
            ],
        }
    }
