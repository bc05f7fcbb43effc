"""One form for what shops write in many: numbers, e-mails, phones, postcodes, carriers. Pure."""

import re
from typing import Final

import phonenumbers

from kit.text import fold
from tracking_lookup.contract import UNKNOWN_CARRIER

# First words of a carrier's name in a shop's data, and the carrier's slug. A name that begins with
# none of these is its own slug: "Royal Mail" is ``royal_mail``.
CARRIERS: Final = {
    "australia post": "australia_post",
    "canada post": "canada_post",
    "deutsche post": "dhl",
    "dhl": "dhl",
    "fed ex": "fedex",
    "federal express": "fedex",
    "fedex": "fedex",
    "hermes uk": "evri",
    "u s postal service": "usps",
    "united parcel service": "ups",
    "united states postal service": "usps",
    "ups": "ups",
    "us postal service": "usps",
    "usps": "usps",
}


def order_key(number: str) -> str:
    """An order number as compared: letters and digits only, upper case."""
    return re.sub(r"[\W_]", "", number).upper()


def email_of(text: str) -> str:
    """An e-mail address as compared: lower case."""
    return text.strip().lower()


def postcode_of(text: str) -> str:
    """A postcode as compared: upper case, without spaces."""
    return "".join(text.split()).upper()


def phone_of(text: str, country: str | None) -> str:
    """A phone number in E.164.

    Args:
        country: Whose national way of writing it may be in; ``None``: ``+`` and country code only.

    Raises:
        ValueError: Not a phone number, or a national one without a country.
    """
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise ValueError("is not a phone number of the order's country") from None
    if not phonenumbers.is_possible_number(number):
        raise ValueError("has too few or too many digits for a phone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def tracking_number_of(text: str) -> str:
    """A tracking number as kept: without spaces, upper case."""
    return "".join(text.split()).upper()


def carrier_of(name: str | None) -> str:
    """A carrier's slug, from its name as a shop writes it: ``"UPS Ground"`` is ``ups``."""
    words = re.sub(r"[\W_]+", " ", fold(name or "")).strip()
    for start, slug in CARRIERS.items():
        if f"{words} ".startswith(f"{start} "):
            return slug
    return words.replace(" ", "_") or UNKNOWN_CARRIER
