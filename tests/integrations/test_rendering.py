"""One message, made into what each channel can show."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.contract import ChannelManifest, Options, Unit
from integrations.messages import SHARE_PHONE, Button, Image, Link, OutboundMessage, Row, Template
from integrations.rendering import cut, numbered, render, size
from integrations.sms import segments

BUTTONS = tuple(Button(title, f"/{title}") for title in ("Track", "Return", "Human"))


def channel(**fields):
    return ChannelManifest(slug="x", name="X", network="x", docs="https://example.com", **fields)


def message(text="Hello.", **fields):
    return OutboundMessage(address="a", text=text, **fields)


PLAIN = channel()
RICH = channel(
    buttons=Options(count=3, title=20),
    rows=Options(count=10, title=24, description=72),
    images=True,
    links=True,
    max_text=100,
    max_caption=50,
)


def test_options_become_buttons_then_a_list_then_numbers():
    [few] = render(message(buttons=BUTTONS), RICH)
    assert (few.buttons, few.rows, few.text) == (BUTTONS, (), "Hello.")

    more = (*BUTTONS, Button("Something else", "/else"))
    [listed] = render(message(buttons=more), RICH)
    assert (listed.buttons, [row.title for row in listed.rows][3]) == ((), "Something else")

    long = (Button("A title that is longer than any row", "/long"),)
    [written] = render(message(buttons=long), RICH)
    assert written.text == "Hello.\n1. A title that is longer than any row"
    assert numbered(message(buttons=long), RICH)[0].payload == "/long"
    assert numbered(message(buttons=more), RICH) == ()
    [sms] = render(message(buttons=BUTTONS), PLAIN)
    assert sms.text == "Hello.\n1. Track\n2. Return\n3. Human"


def test_a_payload_too_long_for_a_button_is_offered_as_a_number():
    narrow = channel(buttons=Options(count=3, title=20, payload=8))
    assert numbered(message(buttons=(Button("Yes", "/yes_please_do"),)), narrow)


def test_rows_keep_their_descriptions_where_there_is_room():
    rows = (Row("1001", "/order", "two parcels"),)
    assert render(message(rows=rows), RICH)[0].rows == rows
    bare = channel(buttons=Options(count=3, title=20))
    assert render(message(rows=rows), bare)[0].buttons == (Button("1001", "/order"),)


def test_a_link_and_an_image_are_written_out_where_they_cannot_be_shown():
    sent = message(image=Image("https://a.example/p.png", "A map"), link=Link("Track", "https://t"))
    [plain] = render(sent, PLAIN)
    assert plain.text == "A map: https://a.example/p.png\nHello.\nTrack: https://t"
    assert (plain.image, plain.link) == (None, None)
    picture, words = render(sent, RICH)
    assert (picture.text, picture.image, picture.link) == ("", sent.image, None)
    assert (words.text, words.image, words.link) == ("Hello.", None, sent.link)
    [captioned] = render(message(image=sent.image), RICH)
    assert (captioned.text, captioned.image) == ("Hello.", sent.image)


def test_a_template_goes_out_as_it_is():
    sent = message("x" * 500, template=Template("shipped"), buttons=BUTTONS)
    [whole] = render(sent, RICH)
    assert (whole.template, whole.buttons) == (sent.template, ())


def test_a_long_text_is_cut_at_the_end_of_a_sentence_and_options_stand_last():
    text = "First sentence, rather long. Second sentence! Third one? " * 3
    parts = render(message(text, buttons=BUTTONS), RICH)
    assert len(parts) > 1
    assert all(part.text[-1] in ".!?" for part in parts)
    assert [bool(part.buttons) for part in parts] == [False] * (len(parts) - 1) + [True]
    assert " ".join(part.text for part in parts) == text.strip()


def test_options_stand_under_as_much_of_a_text_as_the_channel_allows():
    roomy = replace(RICH, max_text=200, max_text_with_options=40)
    text = "The first sentence says it. " * 6
    head, tail = render(message(text, buttons=BUTTONS), roomy)
    assert (len(head.text), head.buttons) == (139, ())
    assert (tail.text, tail.buttons) == ("The first sentence says it.", BUTTONS)
    assert [len(part.text) for part in render(message(text), roomy)] == [len(text) - 1]
    [short] = render(message("Which?", buttons=BUTTONS), roomy)
    assert short.buttons == BUTTONS


def test_a_button_that_shares_the_number_is_shown_where_there_is_one_and_nowhere_else():
    asked = message("Whose order?", buttons=(Button("Share my number", SHARE_PHONE),))
    [shown] = render(asked, replace(RICH, shares_phone=True))
    assert (shown.asks_phone, shown.buttons) == ("Share my number", ())
    for other in (RICH, PLAIN):
        [plain] = render(asked, other)
        assert (plain.text, plain.buttons, plain.asks_phone) == ("Whose order?", (), "")
        assert numbered(asked, other) == ()


@given(st.text(), st.integers(1, 60))
def test_the_part_with_options_fits_and_nothing_is_lost(text, room):
    roomy = replace(RICH, max_text=80, max_text_with_options=room)
    parts = render(message(text, buttons=BUTTONS), roomy)
    assert all(len(part.text) <= 80 for part in parts)
    assert len(parts[-1].text) <= room
    assert "".join("".join(part.text for part in parts).split()) == "".join(text.split())


@given(st.text(), st.sampled_from(Unit), st.integers(2, 80))
def test_pieces_fit_and_lose_nothing_but_white_space(text, unit, limit):
    pieces = cut(text, limit, unit)
    assert all(size(piece, unit) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),  # an extended character takes two places
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),  # and is not split between segments
        ("ä" * 160, 1),
        ("ő" * 70, 1),  # not in GSM-7
        ("ő" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 67, 3),  # 33 whole ones a segment
    ],
)
def test_segments_are_counted_as_networks_do(text, count):
    assert segments(text) == count
