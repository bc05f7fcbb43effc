"""`detect` and `normalise`: one JSON value, and an exit code that says what kind it is."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parents[2] / "tracking_lookup" / "carriers"


def wismo(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", *arguments, "--json"],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.fixture
def body(tmp_path):
    """A file with the body of a carrier's fixture."""

    def write(slug, *names):
        bodies = [
            json.loads((FIXTURES / slug / "fixtures" / f"{n}.json").read_text()) for n in names
        ]
        content = [each["body"] for each in bodies]
        path = tmp_path / "answer.json"
        path.write_text(json.dumps(content[0] if len(content) == 1 else content))
        return str(path)

    return write


def test_an_answer(body):
    code, [parcel] = wismo("normalise", "ups", body("ups", "in_transit"))
    assert code == 0
    assert parcel.keys() == {
        "carrier", "number", "status", "detail", "promised_from", "promised_to", "verdict", "events"
    }  # fmt: skip
    assert parcel["status"] == "in_transit"
    ats = [event["at"] for event in parcel["events"]]
    assert ats == sorted(ats, reverse=True)


def test_people_are_told_how_old_the_last_scan_is(body):
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "normalise", "ups", body("ups", "in_transit")],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert re.search(r"last scan \d+ (day|week|month|year)s? ago", done.stdout), done.stdout


def test_a_list_of_answers(body):
    code, parcels = wismo("normalise", "easypost", body("easypost", "in_transit", "delivered"))
    assert (code, [p["status"] for p in parcels]) == (0, ["in_transit", "delivered"])


def test_a_webhook(body):
    code, [parcel] = wismo("normalise", "aftership", body("aftership", "webhook"))
    assert (code, parcel["number"] != "") == (0, True)


def test_an_answer_that_knows_no_such_number(body):
    code, [parcel] = wismo("normalise", "ups", body("ups", "not_found"))
    assert (code, parcel["status"]) == (0, "not_found")


def test_an_error_answer(body):
    code, answer = wismo("normalise", "ups", body("ups", "wrong_credentials"))
    assert code == 1
    assert answer["error"].keys() == {"kind", "message"}


@pytest.mark.parametrize("content", [b"{", b"\xff\x00", b"", b"[1]", b"<a"])
def test_what_cannot_be_read(tmp_path, content):
    path = tmp_path / "answer"
    path.write_bytes(content)
    code, answer = wismo("normalise", "ups", str(path))
    assert code in {1, 2}
    assert answer["error"]["message"]


def test_detect():
    text = "my parcel 1Z999AA10123456784 please"
    code, [found] = wismo("detect", text)
    assert code == 0
    assert text[found["start"] : found["end"]] == found["number"]
    assert found["candidates"][0]["carrier"] == "ups"
    assert found["candidates"][0].keys() == {"carrier", "confidence"}


def test_a_message_without_a_number():
    assert wismo("detect", "where is my order 1001?") == (0, [])
