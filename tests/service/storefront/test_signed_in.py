"""Tokens of signed-in shoppers: only what the shop's server signed, and not for long."""

import base64
import hashlib
import hmac
import json
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kit.errors import NotVerified
from service.storefront import signed_in
from tests.support.shop import identity_token

KEY = "k" * 32
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
SOON = int((NOW + timedelta(minutes=10)).timestamp())


def token(**said):
    return identity_token(KEY, **{"exp": SOON, **said})


def test_a_token_says_who_and_until_when():
    claim = signed_in.read(token(email=" Ana@Example.com", order="#10-01"), [KEY], now=NOW)
    assert (claim.email, claim.order) == ("ana@example.com", "1001")
    assert claim.expires_at == NOW + timedelta(minutes=10)


def test_the_documented_examples():
    text = (Path(__file__).parents[3] / "docs/widget.md").read_text()
    [key] = re.findall(r"the key `(\w+)`", text)
    [payload] = re.findall(r"payload\n`(\S+)`", text)
    [signature] = re.findall(r"`([0-9a-f]{64})`", text)
    minute_before = datetime.fromtimestamp(1795000000 - 60, UTC)
    claim = signed_in.read(f"{payload}.{signature}", [key], now=minute_before)
    assert claim.email == "ana@example.com"

    [code] = re.findall(r"```python\n(.+?)```", text, re.S)
    names = {"json": json, "time": time, "base64": base64, "hmac": hmac, "hashlib": hashlib}
    exec(code, names)
    token = names["wismo_identity"]("ana@example.com", KEY)
    claim = signed_in.read(token, [KEY], now=datetime.now(UTC))
    assert claim.email == "ana@example.com"


@pytest.mark.parametrize(
    "said",
    [
        {"email": "ana@example.com", "exp": int(NOW.timestamp())},
        {"email": "ana@example.com", "exp": SOON + 25 * 3600},
        {"email": "ana@example.com", "exp": "soon"},
        {"email": "ana@example.com", "exp": 10**30},
        {"email": ["ana@example.com"]},
        {"email": "", "order": ""},
        {"order": "---"},
        {},
    ],
)
def test_what_says_nothing_or_holds_too_long_is_refused(said):
    with pytest.raises(NotVerified):
        signed_in.read(token(**said), [KEY], now=NOW)


def test_without_a_key_every_token_is_refused():
    with pytest.raises(NotVerified):
        signed_in.read(token(email="ana@example.com"), [], now=NOW)
    with pytest.raises(NotVerified):
        signed_in.read(token(email="ana@example.com"), ["x" * 32], now=NOW)
    assert signed_in.read(token(email="ana@example.com"), ["x" * 32, KEY], now=NOW)


@given(st.data())
def test_a_changed_letter_is_refused(data):
    good = token(email="ana@example.com")
    place = data.draw(st.integers(0, len(good) - 1))
    letter = data.draw(st.characters().filter(lambda c: c != good[place]))
    with pytest.raises(NotVerified):
        signed_in.read(good[:place] + letter + good[place + 1 :], [KEY], now=NOW)


@given(st.text(max_size=300), st.booleans())
@example("half a character: \ud800", False)
def test_anything_else_is_refused_too(text, signed):
    given_token = f"{text}.{signed_in.sign(text, KEY)}" if signed else text
    with pytest.raises(NotVerified):
        signed_in.read(given_token, [KEY], now=NOW)
