from datetime import UTC, datetime

import pytest

from kit.errors import BadWebhook, Rejected
from tracking_lookup.aggregators import asked_as, check, meaning, number_of, pushed, summary
from tracking_lookup.model import Detail, Status, TrackingEvent

ARRIVED = TrackingEvent(datetime(2026, 11, 20, tzinfo=UTC), Status.IN_TRANSIT, Detail.ARRIVED)
TABLE = {"T": (Status.IN_TRANSIT, None), "T_1": (Status.IN_TRANSIT, Detail.PICKED_UP)}


def test_a_carrier_of_ours_that_is_several_of_theirs_is_left_to_their_detection():
    theirs = {"ups": "ups", "dpd": "dpd", "dpd-uk": "dpd", "myhermes-uk": "evri"}
    assert asked_as(theirs) == {"ups": "ups", "evri": "myhermes-uk"}


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (("T_1", "T"), (Status.IN_TRANSIT, Detail.PICKED_UP)),
        (("T_99", "T"), (Status.IN_TRANSIT, None)),
        (("", "T"), (Status.IN_TRANSIT, None)),
        (("T_99", "TT"), (Status.UNKNOWN, None)),
        (("T_99", ""), (Status.UNKNOWN, None)),
        (("", ""), None),
    ],
)
def test_the_most_exact_code_with_a_row_counts(codes, said):
    assert meaning(TABLE, *codes) == said


def test_the_newest_scan_speaks_only_where_nothing_was_said_of_the_parcel():
    assert summary(None, [ARRIVED]) == (Status.IN_TRANSIT, Detail.ARRIVED)
    assert summary(None, []) == (Status.UNKNOWN, None)
    assert summary((Status.IN_TRANSIT, None), [ARRIVED]) == (Status.IN_TRANSIT, Detail.ARRIVED)
    assert summary((Status.EXCEPTION, None), [ARRIVED]) == (Status.EXCEPTION, None)
    # a word that we do not know is not replaced by a guess
    assert summary((Status.UNKNOWN, None), [ARRIVED]) == (Status.UNKNOWN, None)


def test_a_number_is_tidy_and_there():
    assert number_of("1z 999-aa1") == "1Z999AA1"
    for nothing in (None, "", " - "):
        with pytest.raises(ValueError, match="no number"):
            number_of(nothing)


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"null", b"[" * 200_000])
def test_a_webhook_must_be_an_object(body):
    assert pushed(b'{"a": 1}', "x") == {"a": 1}
    with pytest.raises(Rejected):
        pushed(body, "x")


@pytest.mark.parametrize(("given", "key"), [("b", "k"), ("", "k"), ("é", "k"), ("a", "")])
def test_a_signature_must_match_and_have_a_key(given, key):
    check("a", "a", key="k", source="x")
    with pytest.raises(BadWebhook):
        check(given, "a", key=key, source="x")
