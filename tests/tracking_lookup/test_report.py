import json
from datetime import UTC, datetime

from tests.tracking_lookup.replay import recorded
from tracking_lookup.carriers.ups.adapter import parse_trackings
from tracking_lookup.model import Status, Tracking
from tracking_lookup.report import as_json

NOW = datetime(2026, 11, 18, 18, tzinfo=UTC)


def test_the_whole_form():
    report = as_json(parse_trackings(recorded("ups", "exception"))[0], now=NOW)
    assert list(report) == [
        "carrier",
        "number",
        "status",
        "detail",
        "promised_from",
        "promised_to",
        "verdict",
        "events",
    ]
    assert json.loads(json.dumps(report)) == report
    assert report["status"] == "exception"
    assert report["detail"] == "address_problem"
    assert report["verdict"] == "needs_customer"
    assert report["promised_to"] == "2026-11-19T23:59:59-06:00"
    assert report["events"][0] == {
        "at": "2026-11-18T10:15:00-06:00",
        "status": "exception",
        "detail": "address_problem",
        "place": "Madison, WI, US",
        "code": "A6",
        "text": "The address is incomplete.",
    }
    assert [event["at"] for event in report["events"]] == sorted(
        (event["at"] for event in report["events"]), reverse=True
    )


def test_a_number_nobody_knows():
    assert as_json(Tracking("ups", "1Z", Status.NOT_FOUND), now=NOW) == {
        "carrier": "ups",
        "number": "1Z",
        "status": "not_found",
        "detail": None,
        "promised_from": None,
        "promised_to": None,
        "verdict": "no_data",
        "events": [],
    }
