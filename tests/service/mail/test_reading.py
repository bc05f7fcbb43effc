"""Answers to e-mails as mail programs write them, and as nobody should."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import BadInput
from service.mail.reading import LONGEST, MARK, read, unquoted

NAME = "0123456789abcdef" * 2
OURS = f"{MARK}\n\nYou wrote to Northwind:\nIt is on the van."


def mail(text="Thanks!", *, subtype="plain", **headers):
    message = EmailMessage()
    named = {"From": "jo@example.com", "To": f"replies+{NAME}@in.example.com"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    for name, value in named.items():
        message[name] = value
    message.set_content(text, subtype=subtype)
    return message


def quoted(text):
    return "\n".join(f"> {line}" for line in text.split("\n"))


@pytest.mark.parametrize(
    ("typed", "new"),
    [
        (f"Thanks!\n\nOn Mon, Northwind <h@example.com> wrote:\n\n{quoted(OURS)}", "Thanks!"),
        (f"Thanks!\nOn Mon, 2 Mar 2026\nNorthwind <h@example.com>\nwrote:\n{quoted(OURS)}",
         "Thanks!\nOn Mon, 2 Mar 2026"),
        (f"Danke!\n\nAm 02.03.26 um 9:00 schrieb Northwind:\n{quoted(OURS)}", "Danke!"),
        (f"Ok.\n\n________________________________\nFrom: Northwind\nSent: today\n\n{OURS}", "Ok."),
        (f"Ok.\n\n-----Original Message-----\nFrom: Northwind\n\n{OURS}", "Ok."),
        (f"Where is it?\n\nMy address:\njo@example.com\n\n{OURS}",
         "Where is it?\n\nMy address:\njo@example.com"),
        ("No quotation here:\n- one\n- two", "No quotation here:\n- one\n- two"),
        ("It says:\n> delivered\n\nBut it is not.", "It says:\n> delivered\n\nBut it is not."),
        (OURS, ""),
    ],
)  # fmt: skip
def test_what_is_new_stays_and_what_is_quoted_goes(typed, new):
    assert unquoted(typed) == new


def test_whom_it_answers_is_read_from_the_address_or_the_thread():
    assert read(bytes(mail())).names == [NAME]
    other = {"To": "help@example.com", "In_Reply_To": f"<{NAME}@shop.example>"}
    assert read(bytes(mail(**other))).names == [NAME]
    assert read(bytes(mail(To="help@example.com"))).names == []


def test_html_alone_is_read_as_words():
    html = f"<style>p{{}}</style><p>Caf&eacute; &lt;3</p><div>two</div><blockquote>{MARK}"
    assert read(bytes(mail(html, subtype="html"))).text == "Café <3\ntwo"


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"X_Autoreply": "yes"}],
)
def test_what_nobody_wrote_is_known(headers):
    assert read(bytes(mail(**headers))).automatic
    assert not read(bytes(mail(Auto_Submitted="no"))).automatic


@given(st.binary(max_size=400), st.text(max_size=200))
def test_whatever_comes_is_read_or_refused(junk, text):
    for raw in (junk, b"From: a@b\n" + junk, b"From: a@b\nContent-Type: " + junk + b"\n\nx"):
        try:
            reply = read(raw)
        except BadInput:
            continue
        assert len(reply.text) <= LONGEST
    assert MARK not in unquoted(text + "\n" + OURS)
