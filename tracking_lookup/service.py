"""Where is this parcel? Cache, live look-up within a budget, honest fallback."""

from collections.abc import Mapping
from datetime import datetime

from tracking_lookup.contract import Carrier, Lookup, ParcelStore


class TrackingLookup:
    """Looks parcels up: fresh from the store, else live, else the last known truth with its age."""

    def __init__(
        self, carriers: Mapping[str, Carrier], store: ParcelStore, *, budget_seconds: float = 2.5
    ) -> None:
        self.carriers = carriers
        self._store = store
        self._budget = budget_seconds

    async def where_is(self, parcel_id: int, *, now: datetime) -> Lookup:
        """Where a parcel is, within the budget."""
        raise NotImplementedError
