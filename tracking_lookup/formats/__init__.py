"""How carriers write their numbers, row by row with its source, and how people write them.

Loaded by Rasa's Python too: Python 3.10, standard library only.
"""

from typing import Final

from tracking_lookup.formats.couriers import COURIERS
from tracking_lookup.formats.mail import MAIL
from tracking_lookup.formats.model import Format, Mark

FORMATS: Final = MAIL + COURIERS

__all__ = ["FORMATS", "Format", "Mark"]
