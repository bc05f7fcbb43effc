"""Carriers' pages that follow a parcel."""

from urllib.parse import urlsplit

import pytest

from service.carriers import manifest_of, slugs
from service.dialogue.links import tracking_link


@pytest.mark.parametrize("carrier", [slug for slug in slugs() if manifest_of(slug).page])
def test_each_is_a_page_of_one_parcel(carrier):
    link = tracking_link(carrier, "AB 1/2")
    assert urlsplit(link).scheme == "https"
    assert "AB%201%2F2" in link


def test_a_carrier_without_a_page_has_none():
    assert tracking_link("sandbox", "SBX1") is None
    assert tracking_link("somebody", "1") is None
