import pytest

from bot.components.entities import find
from bot.components.wording import MOST_PARTS, Spelling, even, parts


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("mail me at ana.b+x@example.co.uk please", "email", "ana.b+x@example.co.uk"),
        ("call +44 7700 900123", "phone", "+44 7700 900123"),
        ("cell (202) 555-0143.", "phone", "(202) 555-0143"),
        ("postcode sw1a 1aa", "postcode", "sw1a 1aa"),
        ("zip 30301-1234", "postcode", "30301-1234"),
        ("it is 1Z999AA10123456784", "tracking_number", "1Z999AA10123456784"),
        ("nothing since tuesday", "date", "tuesday"),
        ("ordered on the 3rd of May", "date", "the 3rd of May"),
        ("three weeks ago and nothing", "date", "three weeks ago"),
        ("by 24/12/2026", "date", "24/12/2026"),
    ],
)
def test_things_are_found_where_they_stand(text, kind, value):
    found = [one for one in find(text) if one.kind == kind]
    assert [one.value for one in found] == [value]
    assert text[found[0].start : found[0].end] == value


def test_nothing_is_found_inside_an_email_or_a_tracking_number():
    kinds = [one.kind for one in find("90210@example.com and 1Z999AA10123456784")]
    assert kinds == ["email", "tracking_number"]


@pytest.mark.parametrize("text", ["", "where is my stuff", "the cat sat on it", "size 12 please"])
def test_plain_talk_names_nothing(text):
    assert find(text) == []


@pytest.mark.parametrize(
    ("typed", "evened"),
    [
        ("@theshop WHERE’S my pkg??? https://t.co/abc", "where's my package?"),
        ("#WheresMyOrder #1001", "where's my order 1001"),
        ("order ORD-20391 sooooo late!!!", "order 1001 soo late!"),
        ("plz mail ana@example.com", "please mail name@example.com"),
        ("it cost £240 &amp; more", "it cost £240 & more"),
    ],
)
def test_what_says_nothing_of_the_intent_is_evened_out(typed, evened):
    assert even(typed) == evened


def test_slips_are_put_right_and_known_words_left():
    spelling = Spelling({"parcel", "delivered", "tracking"}, {"trucking"})
    typed = "my parcle was delievered trucking parcels"
    assert even(typed, spelling) == "my parcel was delivered trucking parcels"


def test_only_a_longer_message_falls_into_parts():
    assert parts("where is it? it is late.") == []
    long = "I bought a lamp from you. " * 3 + "It was lovely so far. Where has it gone to now?"
    assert parts(long)[-1] == "Where has it gone to now?"
    assert len(parts("one two three four. " * 40)) <= MOST_PARTS * 40
