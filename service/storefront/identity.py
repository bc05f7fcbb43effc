"""Who may hear about an order. Checked here in code, before anything is shown."""

import re
from datetime import timedelta

PROOF_LASTS = timedelta(minutes=30)
LOCK_AFTER_FAILURES = 5
LOCK_LASTS = timedelta(hours=1)


def order_key(number: str) -> str:
    """An order number as compared: letters and digits only, upper case."""
    return re.sub(r"[\W_]", "", number).upper()
