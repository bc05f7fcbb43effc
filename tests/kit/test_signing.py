"""Tokens: what was signed comes back, and nothing else does."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import NotVerified
from kit.signing import LinkSigner

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=60)
SUBJECTS = st.from_regex(r"\A[A-Za-z0-9_~-]{1,20}\Z")


def refused(signer, token, now=NOW):
    with pytest.raises(NotVerified) as error:
        signer.read(token, now=now)
    return str(error.value)


@given(subject=SUBJECTS, hours=st.integers(1, 20_000))
def test_a_link_says_what_was_signed_until_it_ends(subject, hours):
    signer = LinkSigner(["k" * 32], "test")
    token = signer.write(subject, until=NOW + timedelta(hours=hours))
    assert signer.read(token, now=NOW + timedelta(hours=hours) - timedelta(seconds=1)) == subject
    refused(signer, token, now=NOW + timedelta(hours=hours + 1))


@given(subject=SUBJECTS, where=st.integers(0, 80), letter=st.sampled_from("Aa0_-.~9zQ"))
def test_a_link_altered_anywhere_is_refused_as_one_that_is_over(subject, where, letter):
    signer = LinkSigner(["k" * 32], "test")
    token = signer.write(subject, until=LATER)
    where %= len(token)
    altered = token[:where] + letter + token[where + 1 :]
    if altered != token:
        over = refused(signer, token, now=LATER + timedelta(hours=1))
        assert refused(signer, altered) == over


@given(token=st.text(max_size=60))
def test_what_nobody_signed_is_refused(token):
    refused(LinkSigner(["k" * 32], "test"), token)


def test_keys_rotate_and_purposes_do_not_mix():
    token = LinkSigner(["old"], "test").write("1-0", until=LATER)
    assert LinkSigner(["new", "old"], "test").read(token, now=NOW) == "1-0"
    assert LinkSigner(["new", "old"], "test").write("1-0", until=LATER) != token
    refused(LinkSigner(["new"], "test"), token)
    refused(LinkSigner(["old"], "other"), token)


def test_a_link_is_short_enough_for_an_sms():
    assert len(LinkSigner(["k"], "test").write("123456-0-1234567", until=LATER)) <= 52


def test_a_subject_that_would_read_as_something_else_is_not_signed():
    with pytest.raises(ValueError, match="letters"):
        LinkSigner(["k"], "test").write("1.2", until=LATER)
