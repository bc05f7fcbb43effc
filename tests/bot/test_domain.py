"""The bot's files, the actions and the design agree with each other."""

import re
from collections import Counter
from zoneinfo import ZoneInfo

import pytest
import yaml

from bot.actions import registry, safety
from bot.actions.answers import ANSWERS
from bot.actions.complaint import SORRY
from bot.actions.fallback import MISUNDERSTANDINGS
from bot.actions.hand_over import REASONS
from bot.actions.language import OFFERED
from bot.actions.order_form import ENDINGS, SMALL_TALK
from bot.actions.parcel import ANGLES
from service.cli.nlu import GROUPS
from tests.bot.conftest import BOT
from tests.bot.desk import FakeFaq, shop
from tracking_lookup.model import Verdict

# As the design names them; evaluation files rely on it.
FIRST_LOOK = ("utter_safety_", "utter_language_", "utter_handed_over_")
INTENTS = """
    order_status delivery_date not_shipped_yet tracking_not_moving late_delivery
    delivered_not_received missing_item delivery_attempt_failed customs_question
    tracking_number_problem
    change_address reschedule_delivery cancel_order
    return_item refund_status damaged_item wrong_item
    ask_faq greet goodbye thank affirm deny help bot_challenge human complaint inform
    stop_messages start_messages erase_my_data out_of_scope
"""


def _yaml(folder):
    return [yaml.safe_load(p.read_text()) for p in sorted((BOT / folder).glob("**/*.yml"))]


def _code():
    return "\n".join(p.read_text() for p in (BOT / "actions").glob("*.py"))


def test_intents_have_the_promised_names(intents):
    assert intents - {"nlu_fallback"} == set(INTENTS.split())


def test_every_intent_has_enough_examples_none_of_them_twice(intents):
    examples = {
        group["intent"]: [line.removeprefix("- ") for line in group["examples"].splitlines()]
        for file in _yaml("data/nlu")
        for group in file["nlu"]
        if "intent" in group
    }
    assert set(examples) == intents - {"nlu_fallback"}
    everything = Counter(line.lower() for lines in examples.values() for line in lines)
    assert not [line for line, count in everything.items() if count > 1]
    wanted = {name: 120 if GROUPS.get(name) == "wismo" else 60 for name in examples}
    assert not {name for name, lines in examples.items() if len(lines) < wanted[name]}


def test_every_intent_is_handled_by_a_rule(intents):
    text = "\n".join(p.read_text() for p in (BOT / "data/rules").glob("*.yml"))
    assert set(re.findall(r"intent: (\w+)", text)) == intents


def test_every_action_in_the_domain_is_registered(domain):
    actions = registry.actions(shop(), FakeFaq(), ZoneInfo("UTC"))
    named = {
        name
        for entry in domain["actions"]
        for name in ([entry] if isinstance(entry, str) else entry)
    }
    assert {action.name() for action in actions} == named


def test_every_response_is_used_and_every_one_used_is_there(domain):
    rules = "\n".join(p.read_text() for p in (BOT / "data/rules").glob("*.yml"))
    used = set(re.findall(r"utter_\w+", rules + _code()))
    first = {name for name in domain["responses"] if name.startswith(FIRST_LOOK)}
    by_rasa = {"utter_ask_order_number", "utter_ask_proof", "utter_restart"}
    stems = {"utter_message", "utter_action", *(name for name in used if name.endswith("_"))}
    by_state = ("utter_parcel_", "utter_explain_", "utter_next_", "utter_normal_", "utter_carrier_")
    built = {name for name in domain["responses"] if name.startswith(by_state)}
    built |= {
        f"utter_{question}_by_carrier" for question in ("change_address", "reschedule_delivery")
    }
    assert set(domain["responses"]) == (used - stems | by_rasa | built | first)


def test_each_safety_rule_and_language_has_its_answer(domain):
    grave = {reason for reason, _ in safety._PATTERNS}
    assert {f"utter_safety_{reason}" for reason in grave} <= set(domain["responses"])
    for language in (*OFFERED, "other"):
        assert {f"utter_language_{language}", f"utter_handed_over_{language}"} <= set(
            domain["responses"]
        )


def test_every_question_about_an_order_has_an_answer_and_fills_the_slot(domain):
    filled = [mapping["intent"] for mapping in domain["slots"]["question"]["mappings"]]
    assert set(filled) == set(ANSWERS)
    assert len(filled) == len(ANSWERS)


def test_every_verdict_has_a_response(domain):
    assert {f"utter_parcel_{verdict}" for verdict in Verdict} <= set(domain["responses"])


def test_responses_named_in_tables_exist(domain):
    names = {*REASONS, *ENDINGS.values(), *ANGLES.values(), *SMALL_TALK.values(), *SORRY}
    assert names | MISUNDERSTANDINGS <= set(domain["responses"])


def test_responses_are_short_and_calm(domain):
    for name, variations in domain["responses"].items():
        for variation in variations:
            assert len(variation["text"]) <= 320, name
            assert "!" not in variation["text"], name
            for button in variation.get("buttons", ()):
                assert len(button["title"]) <= 20, f"{name}: WhatsApp cuts titles at 20"


def test_no_slot_steers_a_rule(domain):
    for name, slot in domain["slots"].items():
        assert slot["influence_conversation"] is False, name


@pytest.mark.parametrize("name", ["endpoints.yml", "credentials.yml"])
def test_no_secret_in_the_files(name):
    text = (BOT / name).read_text()
    assert "Bearer ${ACTION_TOKEN}" in text or name == "credentials.yml"
    if name == "credentials.yml":
        # REST, without Rasa's own memory; the service owns every other channel
        assert list(yaml.safe_load(text)) == ["bot.one_turn.OneTurn"]
