"""How posts write their numbers: the whole of it, and nothing but the table.

Where two rows fit a number equally well, the one further up comes first, and this table comes
before the couriers'.
"""

from typing import Final

from tracking_lookup.formats.checks import mod10, s10
from tracking_lookup.formats.model import Format, Mark
from tracking_lookup.formats.posts import POSTS

# Collects what couriers publish; v2.0.0, August 2026.
TND: Final = "https://github.com/jkeen/tracking_number_data"
PUB199: Final = "USPS Publication 199, section 3 (construct and check digit); " + TND

# A destination's ZIP or ZIP+4 before the number, as the barcode has it.
_ZIP: Final = r"(?:420\d{5}(?:\d{4})?)?"
# A mailer has a number of nine digits that starts with 9, or of six that does not; what is left of
# 22 or 26 digits (30 for the longest construct) counts the mailer's parcels.
_MAILER_9: Final = r"9\d{8}(?:\d{7}|\d{11})"
_MAILER_6: Final = r"[0-8]\d{5}(?:\d{10}|\d{14})"
_IMPB: Final = (
    rf"92\d{{3}}{_MAILER_9}|93\d{{3}}{_MAILER_6}"
    rf"|9[45]\d{{3}}(?:{_MAILER_9}|{_MAILER_6})|94\d{{3}}9\d{{23}}"
)

MAIL: Final = (
    Format(
        name="S10",
        # Any post may know it besides the one that gave it out: the one it goes to, for example.
        carriers=("s10",),
        lengths=(13,),
        pattern=r"[A-Z]{2}(?P<serial>\d{8})(?P<check>\d)(?P<country>[A-Z]{2})",
        mark=Mark.OWN,
        check=s10,
        posts=POSTS,
        source="UPU S10-12, Identification of postal items: 13-character identifier",
    ),
    Format(
        name="USPS IMpb",
        carriers=("usps",),
        lengths=(22, 26, 30, 34),
        pattern=r"(?:420\d{5})?" + rf"(?P<serial>{_IMPB})(?P<check>\d)",
        mark=Mark.OWN,
        check=mod10(3, 1),
        source=PUB199,
    ),
    Format(
        name="USPS IMpb, ZIP+4",
        carriers=("usps",),
        lengths=(34,),
        pattern=r"420\d{9}" + rf"(?P<serial>{_IMPB})(?P<check>\d)",
        mark=Mark.OWN,
        check=mod10(3, 1),
        source=PUB199,
    ),
    Format(
        name="USPS, two-digit service",
        carriers=("usps",),
        lengths=(20,),
        pattern=r"(?P<serial>\d{19})(?P<check>\d)",
        mark=Mark.COMMON,
        check=mod10(3, 1),
        source=TND,
    ),
    Format(
        name="USPS, 91 left out",
        carriers=("usps",),
        lengths=(20, 28, 32),
        pattern=_ZIP + r"(?P<serial>\d{19})(?P<check>\d)",
        mark=Mark.COMMON,
        check=mod10(3, 1, prefix="91"),
        source=TND,
    ),
    Format(
        name="USPS 91",
        carriers=("usps",),
        lengths=(22, 30, 34),
        pattern=_ZIP + r"(?P<serial>91\d{19})(?P<check>\d)",
        mark=Mark.OWN,
        check=mod10(3, 1),
        source=TND,
    ),
    Format(
        name="Canada Post",
        carriers=("canada_post",),
        lengths=(16,),
        pattern=r"(?P<serial>\d{15})(?P<check>\d)",
        mark=Mark.COMMON,
        check=mod10(3, 1),
        source=TND,
    ),
    Format(
        name="Australia Post article",
        carriers=("australia_post",),
        lengths=(21, 23),
        # The merchant's place (3 or 5), consignment (7), article (1 to 20), then product, service
        # and postage; in all digits it would be like too many other things.
        pattern=r"(?!JJ?D)(?=\d{0,4}[A-Z])[0-9A-Z]{3}(?:[0-9A-Z]{2})?\d{7}(?:0[1-9]|1\d|20)\d{9}",
        mark=Mark.OWN,
        source=(
            "https://developers.auspost.com.au/content/apis/shipping-and-tracking/info/"
            "api-resources/generate-label-metadata.html (barcode_id)"
        ),
    ),
    Format(
        name="Colissimo",
        carriers=("la_poste",),
        lengths=(13,),
        pattern=r"\d[A-Z](?P<serial>\d{10})(?P<check>\d)",
        mark=Mark.OWN,
        # Found from published numbers (6A15602676300, 6A15602683841, 6M17554710224).
        check=mod10(1, 3),
        source="https://www.colissimo.fr (13 characters: one letter, twelve digits)",
    ),
    Format(
        name="Parcelforce",
        carriers=("parcelforce",),
        lengths=(9, 14),
        pattern=r"[A-Z]{2}\d{7}|[A-Z]{4}\d{10}",
        mark=Mark.NAMED,
        source="https://www.parcelforce.com/help-and-advice/sending-worldwide/tracking-number-formats",
    ),
)
