"""What a carrier must do, and what the lookup needs from whoever keeps the parcels."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from kit.errors import Upstream
from tracking_lookup.model import Assessment, Tracking


@dataclass(frozen=True, slots=True)
class CarrierManifest:
    """What there is to know about a carrier without calling it.

    Attributes:
        slug: Its folder's name, and its name in the database.
        name: Its name for people.
        docs: The vendor's page the adapter was written after.
        secrets: Environment variables that must be set for it to be switched on.
        cache_seconds: How long its answer is fresh.
    """

    slug: str
    name: str
    docs: str
    secrets: tuple[str, ...]
    cache_seconds: int = 15 * 60


class Carrier(Protocol):
    """One carrier or aggregator. ``fetch`` does all I/O; ``parse`` is pure."""

    manifest: CarrierManifest

    async def fetch(self, number: str) -> dict[str, Any]:
        """The vendor's raw answer for one tracking number.

        Raises:
            NotFound: The carrier says there is no such number.
            Unavailable, RateLimited: A retry may help.
            Rejected: Our key or our request is wrong.
        """
        ...

    def parse(self, payload: Any, *, number: str | None = None) -> Tracking:
        """Read a raw answer. The same answer always gives the same tracking.

        Args:
            payload: The decoded JSON.
            number: The number that was asked for; ``None`` takes the first parcel in the answer.

        Raises:
            NotFound: The answer says there is no such number.
            Rejected: The answer is not of the documented shape.
        """
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored about a parcel.

    Attributes:
        tracking: ``None`` where the carrier was never reached.
        fetched_at: When the carrier last answered, aware; ``None`` with no answer yet.
        promised_to: The latest moment the shop promised, aware; ``None`` without a promise.
        disputed_at: When the shopper said that it did not arrive; ``None`` if never.
    """

    carrier: str
    number: str
    tracking: Tracking | None = None
    fetched_at: datetime | None = None
    promised_to: datetime | None = None
    disputed_at: datetime | None = None


class ParcelStore(Protocol):
    """Where parcels are kept. Each call is a short transaction of its own."""

    async def known(self, parcel_id: int) -> Known:
        """What is stored. Raises ``NotFound`` for no such parcel."""
        ...

    async def record(
        self, parcel_id: int, tracking: Tracking, raw: dict[str, Any], *, fetched_at: datetime
    ) -> Known:
        """Merge an answer into the parcel and return what is stored then."""
        ...


@dataclass(frozen=True, slots=True)
class Lookup:
    """The answer to "where is this parcel?".

    Attributes:
        known: The last known truth, perhaps from just now.
        assessment: What may be said about it.
        fault: Why the carrier could not be asked this time; ``None`` where ``known`` is fresh.
            With a fault, what is known is older than the carrier's ``cache_seconds``.
    """

    known: Known
    assessment: Assessment
    fault: Upstream | None = None
