"""Royal Mail, its Tracking API."""

from tracking_lookup.carriers.royal_mail.adapter import RoyalMail
from tracking_lookup.carriers.royal_mail.manifest import MANIFEST

__all__ = ["MANIFEST", "RoyalMail"]
