"""What a message names: an order number, and an e-mail, phone number or postcode as proof. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Asked = Literal["order_number", "proof"]

PROOFS = ("email", "phone", "postcode")
_LONE_NUMBER = re.compile(r"(?=\S*\d)[A-Za-z0-9-]{4,12}")
_LOOK_ALIKES = str.maketrans("lIiOoSsBZz", "1110055822")
_SAYS_ORDER = re.compile(r"\b(?:order|ref)\W*(?:number|no|nr|is|\W)*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Details:
    """What was found, as the shopper wrote it; ``None``: nothing."""

    order_number: str | None = None
    proof: str | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    kind: str
    start: int
    end: int
    text: str

    def overlaps(self, other: "_Found") -> bool:
        return self.start < other.end and other.start < self.end

    def same_place(self, other: "_Found") -> bool:
        return (self.start, self.end) == (other.start, other.end)


def read_details(
    text: str, entities: Iterable[Mapping[str, Any]], *, asked: Asked | None = None
) -> Details:
    """Pick the order number and the proof out of a message's entities.

    A bare number can be both ("90210" is an order number or a ZIP code, "2025550143" an order
    number or a phone). "Order 90210" says which; else it is the proof where that was asked for or
    where there is an order number besides, and the order number otherwise.
    Of several order numbers the last counts: "1001, no sorry, 1010".

    Args:
        text: The message.
        entities: Rasa's, each ``{"entity", "start", "end", "value", "role"}``; may overlap. Typed
            as ``/inform{...}`` they all lie in the same place, and the values may be anything.
        asked: What the shopper was asked for last.
    """
    found = [_read(text, entity) for entity in entities]
    if asked == "order_number" and not found and _LONE_NUMBER.fullmatch(text.strip()):
        return Details(order_number=text.strip())
    numbers = _outermost([f for f in found if f.kind == "order_number"])
    proofs = [f for kind in PROOFS for f in found if f.kind == kind]

    named = {n for n in numbers if _SAYS_ORDER.search(text[: n.start])}
    either = [n for n in numbers if n not in named and any(n.same_place(p) for p in proofs)]
    sure = [p for p in proofs if not any(p.same_place(n) for n in numbers)]
    if sure:
        proof = sure[0]
        numbers = [n for n in numbers if not any(n.overlaps(p) for p in sure)]
    elif either and (asked == "proof" or len(numbers) > 1):
        proof = either[-1]
        numbers.remove(proof)
    else:
        proof = None
    return Details(
        order_number=numbers[-1].text if numbers else None, proof=proof.text if proof else None
    )


def unslipped(order_number: str) -> str | None:
    """What was meant by ``"lO01"``: ``"1001"``; ``None`` where no letter looks like a digit.

    A guess, to be asked about. Only what then is all digits counts: ``"WEB-1001"`` is a number.
    """
    meant = key(order_number.translate(_LOOK_ALIKES))
    return meant if meant.isdecimal() and meant != key(order_number) else None


def key(order_number: str) -> str:
    """An order number as compared: letters and digits only, upper case."""
    return "".join(c for c in order_number if c.isalnum()).upper()


def _read(text: str, entity: Mapping[str, Any]) -> _Found:
    start, end = int(entity.get("start", 0)), int(entity.get("end", 0))
    # The value of a slip is a guess at what was meant; here counts what was written.
    value = text[start:end] if entity.get("role") == "slip" else entity["value"]
    return _Found(kind=str(entity["entity"]), start=start, end=end, text=str(value).strip())


def _outermost(orders: list[_Found]) -> list[_Found]:
    """Each order number once, in the order they were written."""
    kept: list[_Found] = []
    for order in sorted(orders, key=lambda f: (f.start, -f.end)):
        if not any(order.overlaps(other) for other in kept):
            kept.append(order)
    return kept
