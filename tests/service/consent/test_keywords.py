"""Which messages are keywords, and which only hold one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.consent.keywords import keyword


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        *((word, "stop") for word in ("STOP", "unsubscribe", "End", "quit", "STOPALL", "cancel")),
        *(
            (word, "stop")
            for word in ("revoke", "OptOut", "opt-out", "STOP ALL", "Arrêt", " stop. ", "Stop!")
        ),
        *((word, "start") for word in ("START", "unstop", "start 🙂")),
        *((word, "help") for word in ("HELP", "info", "Help?", "aide")),
        *((text, None) for text in ("", "cancel my order", "stop it", "yes", "start over", "?!")),
        *((text, None) for text in ("help me", "the end", "don't stop", "info on order 1001")),
    ],
)
def test_a_keyword_stands_alone(text, meant):
    assert keyword(text) == meant


@given(st.sampled_from(["stop", "cancel", "help"]), st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True))
def test_a_keyword_with_another_word_is_none(word, other):
    assert keyword(f"{word} {other}") is None or keyword(f"{word}{other}") == "stop"
