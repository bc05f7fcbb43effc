"""The table of formats holds together."""

import re

import pytest

from tracking_lookup.formats import FORMATS, Mark
from tracking_lookup.formats.checks import luhn, mod7, mod10, mod11, mod37_36, s10


@pytest.mark.parametrize("row", FORMATS, ids=lambda row: row.name)
def test_every_row_is_whole(row):
    assert row.source
    assert row.carriers
    groups = re.compile(row.pattern).groupindex
    assert ("serial" in groups and "check" in groups) == (row.check is not None)
    assert ("country" in groups) == bool(row.posts)
    assert not (row.mark is Mark.NAMED and row.check)
    assert all(re.fullmatch(r"[a-z0-9_]+", carrier) for carrier in row.carriers)


def test_names_are_unique():
    assert len({row.name for row in FORMATS}) == len(FORMATS)


# Worked by hand or published; see each function for where the arithmetic is from.
@pytest.mark.parametrize(
    ("check", "serial", "digit"),
    [
        (s10, "47312482", "9"),  # UPU S10, worked example
        (mod10(1, 2), "999AA1012345678", "4"),  # UPS's example number
        (mod10(4, 9), "56310243031", "3"),  # Identcode, BWIPP
        (mod10(3, 1), "0034043383644263659", "7"),  # SSCC, paketda.de
        (mod10(1, 3), "1560267630", "0"),  # Colissimo
        (mod10(3, 1, plus=1), "00000000000", "9"),
        (mod10(1, 1, prefix="91"), "5", "5"),
        (mod7, "123456789", "1"),
        (mod11(3, 1), "92", "7"),  # 27 + 2 = 29, 29 mod 11 = 7
        (mod11(1), "9", "9"),
        (luhn, "7992739871", "3"),
        (luhn, "411111111111111", "1"),
        (mod37_36, "07", "P"),
    ],
)
def test_check_digits(check, serial, digit):
    assert check(serial) == digit
