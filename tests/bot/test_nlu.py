"""How well the trained model understands, on lines written without sight of what it learnt from."""

import json
import subprocess

import pytest

from service.cli import nlu
from tests.bot.conftest import BOT, ROOT

HELD_OUT = ROOT / "tests/bot/heldout.jsonl"
OPT_OUTS = ROOT / "tests/bot/optouts.jsonl"
STRANGE = ROOT / "tests/bot/out_of_scope.txt"


def _understand(python, model, texts):
    run = subprocess.run(
        [python, BOT / "nlu.py", "--model", model],
        input="".join(json.dumps(text) + "\n" for text in texts),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return [json.loads(line) for line in run.stdout.splitlines()]


@pytest.fixture(scope="session")
def held_out(bot_python, model):
    lines = list(nlu.read(HELD_OUT.read_text().splitlines()))
    parsed = _understand(bot_python, model, [line.text for line in lines])
    return lines, [one["intent"] for one in parsed]


def test_intents_of_unseen_messages(held_out):
    assert nlu.compare(*held_out).accuracy >= 0.85


def test_where_is_it_is_told_from_the_rest(held_out):
    lines, intents = held_out
    groups = [nlu.Line(line.text, "group", nlu.group(line.label)) for line in lines]
    wismo = nlu.compare(groups, intents).classes["wismo"]
    assert wismo.precision >= 0.85
    assert wismo.recall >= 0.85


def test_few_of_the_shops_own_messages_are_turned_away(held_out):
    lines, intents = held_out
    own = [i for line, i in zip(lines, intents, strict=True) if line.label != "out_of_scope"]
    assert sum(i in {"out_of_scope", "nlu_fallback"} for i in own) / len(own) <= 0.05


def test_questions_for_somebody_else_are_turned_away_or_left_to_the_faq(bot_python, model):
    texts = STRANGE.read_text().splitlines()
    intents = [one["intent"] for one in _understand(bot_python, model, texts)]
    handled = sum(i in {"out_of_scope", "nlu_fallback", "ask_faq"} for i in intents)
    assert handled / len(texts) >= 0.9


def test_opt_outs_are_found_and_little_else_is_taken_for_one(bot_python, model):
    """The other half of the file is made to be mistaken, so some of it is."""
    lines = list(nlu.read(OPT_OUTS.read_text().splitlines()))
    parsed = _understand(bot_python, model, [line.text for line in lines])
    stop = nlu.compare(lines, [one["intent"] for one in parsed]).classes["stop_messages"]
    assert stop.recall >= 0.92
    assert stop.precision >= 0.95


def test_entities_of_a_message(bot_python, model):
    text = "order 1001, ana@example.com: no blue kettle since tuesday"
    (parsed,) = _understand(bot_python, model, [text])
    assert {(one["entity"], one["value"]) for one in parsed["entities"]} == {
        ("order_number", "1001"),
        ("email", "ana@example.com"),
        ("item", "blue kettle"),
        ("date", "tuesday"),
    }


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("where is my order 1001 my email is ann@example.com", "order_status"),
        ("cancel 1001 email ann@example.com", "cancel_order"),
        ("my order 1001 ann@example.com is late", "late_delivery"),
        ("1001 ann@example.com", "inform"),
        ("my email is ann@example.com", "inform"),
    ],
)
def test_a_detail_does_not_hide_the_question(bot_python, model, text, intent):
    (parsed,) = _understand(bot_python, model, [text])
    assert parsed["intent"] == intent


def test_figures_count_what_is_true_and_what_was_said():
    lines = list(
        nlu.read(
            [
                '{"text": "a", "intent": "greet"}',
                "",
                '{"text": "b", "intent": "greet"}',
                '{"text": "c", "group": "wismo"}',
            ]
        )
    )
    figures = nlu.compare(lines, ["greet", "thank", "order_status"])
    assert figures.accuracy == pytest.approx(2 / 3)
    assert figures.classes["greet"] == nlu.Class(2, 1.0, 0.5, pytest.approx(2 / 3))
    assert figures.classes["thank"].n == 0
    assert figures.macro_f1 == pytest.approx((2 / 3 + 1) / 2)
    assert figures.confusions == [("greet", "thank", 1)]


@pytest.mark.parametrize("line", ["no", '{"text": "a"}', '{"text": 1, "intent": "greet"}'])
def test_a_bad_line_is_named(line):
    with pytest.raises(nlu.BadInput, match="line 2"):
        list(nlu.read(['{"text": "a", "intent": "greet"}', line]))
