"""What a source of tracking must do, and what the lookup needs from whoever keeps the parcels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol, runtime_checkable

from kit.errors import Upstream
from tracking_lookup.model import Assessment, Tracking

UNKNOWN_CARRIER: Final = "unknown"
"""In a carrier's place, where nobody has said yet who it is."""


@dataclass(frozen=True, slots=True)
class CarrierManifest:
    """What there is to know about a source without calling it.

    Attributes:
        slug: Its folder's name, and its name in the database.
        name: Its name for people.
        docs: The vendor's page the adapter was written after.
        page: The address at which shoppers follow a parcel, ``{}`` in the number's place; ``""``
            where there is none. Made for people, so no program has checked it.
        secrets: Environment variables that must be set for it to be switched on.
        cache_seconds: How long its answer is fresh.
        aggregator: It answers for other carriers' parcels.
        batch: How many numbers one call may ask for; 1 where each needs its own.
        calls: Each ``(count, seconds)``: at most so many calls in so long. All of them hold; none
            where the vendor publishes no limit.
    """

    slug: str
    name: str
    docs: str
    secrets: tuple[str, ...]
    page: str = ""
    cache_seconds: int = 15 * 60
    aggregator: bool = False
    batch: int = 1
    calls: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a source. Most need the number alone.

    Attributes:
        number: The tracking number, without spaces.
        carrier: For aggregators: the slug of the carrier it is with, where known.
        postcode: The recipient's, where known; some carriers show more, or anything, only with it.
        country: The recipient's, ISO 3166 alpha-2.
    """

    number: str
    carrier: str | None = None
    postcode: str | None = None
    country: str | None = None


class Carrier(Protocol):
    """One carrier or aggregator. ``fetch`` does all I/O; ``parse`` is pure."""

    manifest: CarrierManifest

    async def fetch(self, query: Query) -> dict[str, Any]:
        """The vendor's raw answer for one tracking number.

        Raises:
            NotFound: The carrier says there is no such number.
            Unavailable, RateLimited: A retry may help.
            Rejected: Our key or our request is wrong.
        """
        ...

    def parse(self, payload: Any, *, number: str | None = None) -> list[Tracking]:
        """Read a raw answer. The same answer always gives the same trackings.

        Args:
            payload: The decoded JSON.
            number: Give the parcel that was asked for, and it alone; ``None`` gives every parcel
                in the answer, in its order.

        Returns:
            At least one tracking. Its ``carrier`` is who carries the parcel: an aggregator's word
            for one of our carriers as our slug, any other as the aggregator writes it.

        Raises:
            NotFound: The answer says there is no such number.
            Rejected: The answer is not of the documented shape, or about other parcels.
        """
        ...


@runtime_checkable
class BatchCarrier(Protocol):
    """A source whose one call asks for up to ``manifest.batch`` numbers."""

    async def fetch_many(self, queries: Sequence[Query]) -> dict[str, Any]:
        """The raw answer for several numbers, which ``parse`` reads; raises as ``fetch``."""
        ...


@runtime_checkable
class PushCarrier(Protocol):
    """A source that sends webhooks. Both methods are pure."""

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Raises ``BadWebhook`` unless the body is the source's.

        Args:
            headers: Names in lower case.
            body: As it came, before any decoding.
        """
        ...

    def parse_push(self, body: bytes) -> list[Tracking]:
        """The parcels a webhook is about, each with the events it brings; none is fine.

        Raises:
            Rejected: Not of the documented shape. The same every time, so no retry.
            NotFound: It says that the source does not know the number.
        """
        ...


@dataclass(frozen=True, slots=True)
class Window:
    """The days on which a parcel is expected, as last told; calendar days at the destination.

    Attributes:
        first: Both ends are included.
        due: The day by which 19 in 20 such parcels had come, as first estimated: past it this one
            is late.
        because: One sentence for the shopper.
        was: First and last day of what was told before, where the shopper should know that it
            has moved; ``None`` where it has not.
    """

    first: date
    last: date
    due: date
    because: str
    was: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored about a parcel.

    Attributes:
        carrier: Its slug; ``UNKNOWN_CARRIER`` where neither the shop nor an answer has said.
        tracking: ``None`` where the carrier was never reached.
        fetched_at: When the carrier last answered, aware; ``None`` with no answer yet.
        promised_to: The latest moment the shop promised, aware; ``None`` without a promise.
        disputed_at: When the shopper said that it did not arrive; ``None`` if never.
        postcode: The recipient's, as compared; ``None`` where the shop did not say.
        country: The recipient's, ISO 3166 alpha-2.
        normal_gap: Working time without a scan that is still normal for this carrier and leg;
            ``None`` where too few of its parcels are known.
        window: When it is expected, by what the shop's parcels have shown; ``None`` where no date
            is told or none is known.
    """

    carrier: str
    number: str
    tracking: Tracking | None = None
    fetched_at: datetime | None = None
    promised_to: datetime | None = None
    disputed_at: datetime | None = None
    postcode: str | None = None
    country: str | None = None
    normal_gap: timedelta | None = None
    window: Window | None = None


class ParcelStore(Protocol):
    """Where parcels are kept. Each call is a short transaction of its own."""

    async def known(self, parcel_id: int) -> Known:
        """What is stored. Raises ``NotFound`` for no such parcel."""
        ...

    async def claim(self, parcel_id: int, *, now: datetime, until: datetime) -> Known | None:
        """Be the one who asks about a parcel, among all processes, until ``release``.

        Args:
            until: When the claim ends by itself, should its holder die.

        Returns:
            What is stored at that moment; ``None`` where somebody else is asking.
        """
        ...

    async def release(self, parcel_id: int, *, again: datetime | None = None) -> None:
        """Give a claim up.

        Args:
            again: After a failure, when the refresher may ask next; ``None`` leaves that as it is.
        """
        ...

    async def record(
        self,
        parcel_id: int,
        tracking: Tracking,
        raw: dict[str, Any],
        *,
        fetched_at: datetime,
        source: str | None = None,
        whole: bool = True,
        asked_as: str | None = None,
    ) -> Known:
        """Merge an answer into the parcel and return what is stored then.

        Where its carrier was unknown and the answer knows the number, the answer's is its carrier
        from now on.

        Args:
            source: Who answered, if not the parcel's carrier.
            whole: It tells the parcel's whole story, so a recent scan that it no longer has was
                taken back. A webhook does not.
            asked_as: The carrier it was taken for when it was asked about; if somebody has said
                otherwise since, the answer is dropped. ``None``: nobody asked.
        """
        ...


@dataclass(frozen=True, slots=True)
class Lookup:
    """The answer to "where is this parcel?".

    Attributes:
        known: The last known truth, perhaps from just now.
        assessment: What may be said about it.
        fault: Why the carrier could not be asked this time; ``None`` where ``known`` is fresh.
            With a fault, what is known is older than the carrier's ``cache_seconds``. The fault is
            that of the first source asked; aggregators that could not help either are not named.
    """

    known: Known
    assessment: Assessment
    fault: Upstream | None = None
