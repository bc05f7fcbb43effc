"""Short names for our words, so that DHL's long tables can be read."""

from typing import Final

from tracking_lookup.model import Status

LABEL: Final = Status.LABEL_CREATED
MOVING: Final = Status.IN_TRANSIT
TODAY: Final = Status.OUT_FOR_DELIVERY
PICKUP: Final = Status.AVAILABLE_FOR_PICKUP
FAILED: Final = Status.DELIVERY_FAILED
DONE: Final = Status.DELIVERED
TROUBLE: Final = Status.EXCEPTION
BACKWARDS: Final = Status.RETURNING
BACK: Final = Status.RETURNED
UNCLEAR: Final = Status.UNKNOWN
