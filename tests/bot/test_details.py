import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.actions.details import Details, key, read_details, unslipped
from bot.components.entities import find
from tests.bot.conftest import BOT


def _patterns():
    """The regexes of the training data, as Rasa's RegexEntityExtractor reads them."""
    for group in yaml.safe_load((BOT / "data/nlu/entities.yml").read_text())["nlu"]:
        for line in group["examples"].splitlines():
            yield group["regex"], re.compile(line.removeprefix("- "), re.IGNORECASE)


PATTERNS = list(_patterns())


def read(text, asked=None):
    entities = [
        {"entity": name, "start": m.start(), "end": m.end(), "value": m.group()}
        for name, pattern in PATTERNS
        for m in pattern.finditer(text)
    ] + [
        {"entity": one.kind, "start": one.start, "end": one.end, "value": one.value}
        for one in find(text)
    ]
    return read_details(text, entities, asked=asked)


@pytest.mark.parametrize(
    ("text", "number", "proof"),
    [
        ("where is my order 1001?", "1001", None),
        ("where is my order #1001.", "#1001", None),
        ("ORD-1001", "ORD-1001", None),
        ("A100245 please", "A100245", None),
        ("#AB12-9", "#AB12-9", None),
        ("1001 ana@example.com", "1001", "ana@example.com"),
        ("ana@example.com\n1001", "1001", "ana@example.com"),
        ("ana1234@example.com", None, "ana1234@example.com"),
        ("1001, SW1A 1AA", "1001", "SW1A 1AA"),
        ("1004 and postcode ls1 4dy", "1004", "ls1 4dy"),
        ("order 1001 zip 90210", "1001", "90210"),
        ("+44 7700 900123", None, "+44 7700 900123"),
        ("07700 900123 for 1001", "1001", "07700 900123"),
        ("(202) 555-0143", None, "(202) 555-0143"),
        ("1001 no sorry, 1010", "1010", None),
        ("it was $1200 and bought 12/11/2026", None, None),
        ("gr8 l8er 2moro", None, None),
        ("1Z999AA10123456784", None, None),
        ("nothing", None, None),
    ],
)
def test_first_message(text, number, proof):
    assert read(text) == Details(number, proof)


def test_a_bare_number_is_what_was_asked_for():
    for number in ("90210", "2025550143"):
        assert read(number) == Details(order_number=number)
        assert read(number, "order_number") == Details(order_number=number)
        assert read(number, "proof") == Details(proof=number)


def test_a_correction_while_asked_for_proof_is_a_number():
    assert read("no sorry, 1010", "proof") == Details(order_number="1010")
    assert read("sorry, order 10100", "proof") == Details(order_number="10100")
    assert read("it's #10100", "proof") == Details(order_number="#10100")


def test_an_unusual_number_is_taken_where_one_was_asked_for():
    assert read("a1bc23d", "order_number") == Details(order_number="a1bc23d")
    assert read("a1bc23d") == Details()


def test_comparing():
    assert key("#ord-1001") == key("ORD 1001") == "ORD1001"


@given(text=st.text(), asked=st.sampled_from([None, "order_number", "proof"]))
def test_any_message_can_be_read(text, asked):
    found = read(text, asked)
    assert found.order_number is None or found.order_number in text
    assert found.proof is None or found.proof in text


@given(
    entities=st.lists(
        st.fixed_dictionaries(
            {
                "entity": st.sampled_from(["order_number", "email", "phone", "postcode", "else"]),
                "value": st.text() | st.integers(),
            },
            optional={"start": st.integers(0, 50), "end": st.integers(0, 50)},
        )
    )
)
def test_typed_in_entities_of_any_shape_do_no_harm(entities):
    read_details('/inform{"x": 1}', entities)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("lO01", "1001"), ("#IOO1", "1001"), ("10S3", "1053"), ("1OO8", "1008"), ("B001", "8001"),
     ("1001", None), ("#1001", None), ("WEB-1001", None), ("", None)],
)  # fmt: skip
def test_letters_that_look_like_digits(written, meant):
    assert unslipped(written) == meant
