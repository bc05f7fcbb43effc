import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.components.entities import find, item
from bot.components.wording import MOST_PARTS, even, parts, without_details
from kit.spelling import Spelling
from tests.bot.conftest import ROOT


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("mail me at ana.b+x@example.co.uk please", "email", "ana.b+x@example.co.uk"),
        ("call +44 7700 900123", "phone", "+44 7700 900123"),
        ("cell (202) 555-0143.", "phone", "(202) 555-0143"),
        ("postcode sw1a 1aa", "postcode", "sw1a 1aa"),
        ("zip 30301-1234", "postcode", "30301-1234"),
        ("order 1019, postcode 2000", "postcode", "2000"),
        ("it is 1Z999AA10123456784", "tracking_number", "1Z999AA10123456784"),
        ("nothing since tuesday", "date", "tuesday"),
        ("ordered on the 3rd of May", "date", "the 3rd of May"),
        ("three weeks ago and nothing", "date", "three weeks ago"),
        ("by 24/12/2026", "date", "24/12/2026"),
        ("will it be here by the end of the week", "date", "end of the week"),
        ("it was due last night", "date", "last night"),
        ("a fortnight ago", "date", "a fortnight ago"),
    ],
)
def test_things_are_found_where_they_stand(text, kind, value):
    found = [one for one in find(text) if one.kind == kind]
    assert [one.value for one in found] == [value]
    assert text[found[0].start : found[0].end] == value


@pytest.mark.parametrize(
    ("text", "meant"),
    [("wheres my oder #lO01", "1001"), ("order 1OO2 pls", "1002"), ("#IO55?", "1055")],
)
def test_letters_written_for_digits_are_read_as_what_was_meant(text, meant):
    (found,) = find(text)
    assert (found.kind, found.value, found.role) == ("order_number", meant, "slip")


@pytest.mark.parametrize("text", ["SIZE 10", "my bill", "ORD-1001", "#AB12", "SO1001"])
def test_words_and_the_shops_own_numbers_are_no_slips(text):
    assert not [one for one in find(text) if one.role == "slip"]


@pytest.mark.parametrize(
    ("text", "noun", "value"),
    [
        ("the blue kettle came broken", "kettle", "blue kettle"),
        ("my new Oak table", "table", "new oak table"),
        ("where are the shoes", "shoes", "shoes"),
        ("reading lamps", "lamps", "lamps"),
    ],
)
def test_an_item_is_named_with_what_is_said_of_it(text, noun, value):
    start = text.index(noun)
    found = item(text, start, start + len(noun))
    assert found.value == value
    assert text[found.start : found.end].lower() == value


@given(st.text(alphabet="order mail is#'s,1001@name.l0O ", max_size=200))
def test_any_text_can_be_searched(text):
    for one in find(text):
        assert 0 <= one.start < one.end <= len(text)
    assert len(without_details(even(text))) <= len(even(text))


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("where is my order 1001 my email is ann@example.com", "where"),
        ("cancel 1001, email ann@example.com", "cancel"),
        ("it's 1001", ""),
        ("order 1001", ""),
        ("nothing has come", ""),
    ],
)
def test_details_are_told_from_what_is_asked(typed, left):
    assert without_details(even(typed)) == left


@pytest.mark.parametrize(
    "file", sorted((ROOT / "tests/bot").glob("*.jsonl")), ids=lambda file: file.name
)
def test_held_out_sentences_are_not_learnt(file):
    """Short ones that everybody writes ("unsubscribe") are in both."""
    learnt = {
        line.strip().removeprefix("- ").lower()
        for path in (ROOT / "bot/data/nlu").rglob("*.yml")
        for line in path.read_text().splitlines()
    }
    texts = [json.loads(line)["text"].lower() for line in file.read_text().splitlines()]
    assert not [text for text in texts if len(text.split()) > 5 and text in learnt]


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
        ("wismo for #lO01 pls", "wismo for 1001 please"),
        ("is it cold", "is it cold"),
        ("FedEx 7712 3456 7890 says pending", "fedex 1001 says pending"),
        ("S T O P", "stop"),
        ("q.u.i.t. texting", "quit. texting"),
        ("u r a joke", "you are a joke"),
    ],
)
def test_what_says_nothing_of_the_intent_is_evened_out(typed, evened):
    assert even(typed) == evened


def test_slips_are_put_right_and_known_words_left():
    spelling = Spelling({"parcel", "delivered", "tracking"}, {"trucking"})
    typed = "my parcle was delievered trucking parcels"
    assert even(typed, spelling) == "my parcel was delivered trucking parcels"


def test_a_message_of_sentences_falls_into_parts():
    assert parts("where is it, it is late") == []
    assert parts("where is it? late.") == []
    assert parts("where is it? it is late.") == ["where is it?", "it is late."]
    long = "I bought a lamp from you. " * 3 + "It was lovely so far. Where has it gone to now?"
    assert parts(long)[-1] == "Where has it gone to now?"
    assert len(parts("one two three four. " * 40)) <= MOST_PARTS * 40
