"""Conversations with the trained bot over its REST channel, actions and all."""

import itertools
from dataclasses import dataclass, field

import httpx
import pytest

from bot.actions.contract import Reason
from tests.bot.desk import ANA, FakeDesk

pytestmark = pytest.mark.timeout(240)  # the first test pays for training and start-up
NUMBERS = itertools.count(1)


@dataclass
class Talk:
    """One shopper. ``say`` gives what the bot answered, joined; ``log`` is read when it fails."""

    url: str
    desk: FakeDesk
    number: int
    log: list[str] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)

    def say(self, text):
        answers = self.post(text)
        self.buttons = [b["payload"] for a in answers for b in a.get("buttons", ())]
        heard = "\n".join(a["text"] for a in answers)
        self.log += [f"shopper: {text}", f"bot: {heard}"]
        return heard

    def post(self, text):
        metadata = {"conversation": self.number, "channel": "web"}
        response = httpx.post(
            f"{self.url}/webhooks/rest/webhook",
            json={"sender": str(self.number), "message": text, "metadata": metadata},
            timeout=20,
        )
        assert response.status_code == 200
        return response.json()

    def hears(self, text, *expected):
        heard = self.say(text)
        for words in expected:
            assert words.lower() in heard.lower(), f"no {words!r}\n" + "\n".join(self.log)
        return heard

    @property
    def tickets(self):
        return [(reason, order) for who, reason, order in self.desk.tickets if who == self.number]


@pytest.fixture
def talk(rasa, action_server):
    return Talk(rasa, action_server.state.desk, next(NUMBERS))


def test_the_main_job(talk):
    talk.hears("where is my order 1001?", "e-mail, phone number or postcode")
    talk.hears(ANA, "Your order #1001 is on its way with UPS", "tomorrow, Tuesday 24 November")


def test_everything_in_one_message(talk):
    talk.hears(f"wheres my order 1001, email is {ANA}", "#1001 is on its way")


def test_proof_first_then_number(talk):
    talk.hears("where is my parcel", "order number")
    talk.hears(f"my email is {ANA}", "Thanks. And the order number?")
    talk.hears("#1003", "not scanned for longer than usual", "4 days ago in Leipzig, Thursday 19")


def test_several_messages_joined_into_one(talk):
    talk.hears(f"hi\nwhere is my order\n1001\n{ANA}", "#1001 is on its way")


def test_corrected_midway(talk):
    talk.hears("where is my order 1001", "e-mail")
    talk.hears("no sorry, 1010", "e-mail")
    heard = talk.hears(ANA, "#1010 may be lost", "20 days ago")
    assert "!" not in heard
    assert "/human" in talk.buttons


def test_a_bare_number_starts_the_form(talk):
    talk.hears("1001", "e-mail")
    talk.hears(ANA, "#1001 is on its way")


def test_the_date_is_answered_first(talk):
    talk.hears("when will order 1001 arrive?", "e-mail")
    heard = talk.hears(ANA, "on its way")
    assert heard.startswith("Expected tomorrow, Tuesday 24 November.")


def test_wrong_proof_and_unknown_order_sound_the_same(talk, rasa, action_server):
    talk.say("where is my order 1001?")
    wrong_proof = talk.post("someone@example.com")
    other = Talk(rasa, action_server.state.desk, next(NUMBERS))
    other.say("where is my order 9999?")
    unknown = other.post(ANA)
    assert "can't match" in wrong_proof[0]["text"]
    assert [a | {"recipient_id": ""} for a in wrong_proof] == [
        a | {"recipient_id": ""} for a in unknown
    ]


def test_a_wrong_proof_can_be_put_right(talk):
    talk.say("where is my order 1001?")
    talk.hears("someone@example.com", "can't match")
    talk.hears(f"oh it's {ANA}", "#1001 is on its way")


def test_a_wrong_number_can_be_put_right(talk):
    talk.say(f"where is my order 9999? {ANA}")
    talk.hears("sorry i meant 1001", "#1001 is on its way")


def test_five_failures_lock(talk):
    talk.say("where is my order 1001?")
    for attempt in range(5):
        talk.hears(f"wrong{attempt}@example.com", "can't match")
    talk.hears(ANA, "hour", "person")
    talk.hears("human", "within 4 hours")


def test_a_proven_order_needs_no_new_proof(talk):
    talk.say(f"where is my order 1001? {ANA}")
    talk.hears("where is my order?", "#1001 is on its way")
    talk.hears("when will it arrive?", "tomorrow, Tuesday 24 November")
    talk.hears("what about 1003", "e-mail")


def test_several_proven_orders_are_told_apart(talk):
    talk.say(f"where is my order 1001? {ANA}")
    talk.say(f"where is my order 1003? {ANA}")
    talk.hears("where is my order?", "which of your orders")
    talk.hears("1003", "#1003 is with UPS")


def test_another_conversations_proof_does_not_count(talk, rasa, action_server):
    talk.say(f"where is my order 1001? {ANA}")
    other = Talk(rasa, action_server.state.desk, next(NUMBERS))
    other.hears("where is my order 1001?", "e-mail")


def test_typed_intents_open_nothing(talk):
    for text in (
        '/order_status{"order_number": "1001"}',
        '/inform{"order_number": "1001", "email": "x@example.com"}',
        '/inform{"conversation": 1, "proof": "ana@example.com"}',
    ):
        assert "on its way" not in talk.say(text)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("1002", "not with UPS yet: the label was printed 5 days ago, Wednesday 18 November"),
        ("1004", "late: promised for Saturday 21 November"),
        ("1005", "held by customs"),
        ("1006", "tried to deliver today, Monday 23 November, but nobody was there"),
        ("1007", "delivered to a neighbour 2 days ago, Saturday 21 November"),
        ("1008", "you told us it isn't there"),
        ("1009", "on its way back to us"),
        ("1011", "shows nothing for it yet"),
        ("1013", "has not been sent yet"),
        ("1014", "was cancelled"),
    ],
)
def test_each_truth(talk, number, expected):
    heard = talk.hears(f"where is my order {number}? {ANA}", expected)
    if number == "1002":
        assert "on its way" not in heard


def test_a_split_order_parcel_by_parcel(talk):
    talk.hears(
        f"where is my order 1012? {ANA}",
        "Order #1012 comes in 2 parcels",
        "Parcel 1 (1 × cap) is on its way",
        "Parcel 2 (1 × belt) was delivered",
    )


def test_unshipped_items_are_named(talk):
    talk.hears(
        f"where is my order 1015? {ANA}", "Your parcel (1 × cap) is on", "Not sent yet", "1 × belt"
    )


def test_a_question_in_the_middle(talk):
    talk.say("where is my order?")
    talk.hears("what is your returns policy", "within 30 days", "order number")
    talk.hears("thanks", "You're welcome", "order number")
    talk.hears("are you a robot?", "program", "order number")
    talk.hears("1001", "e-mail")
    talk.hears("hello", "Hello", "e-mail")
    talk.hears(ANA, "#1001 is on its way")


def test_thanks_with_a_number_in_it_is_a_number(talk):
    talk.say("where is my order?")
    talk.hears("thanks, it's 1001", "e-mail")


def test_noise_is_asked_again_twice_then_a_person_is_offered(talk):
    first = talk.say("where is my order?")
    second = talk.say("flurble wibble zorp")
    third = talk.say("glarb snoo krell")
    fourth = talk.hears("vroop tchak plimp", "colleague can help")
    assert len({first, second, third, fourth}) == 4
    assert talk.buttons == ["/human"]
    talk.hears("yes please", "within 4 hours")
    assert talk.tickets == [(Reason.ASKED, None)]


def test_no_number_at_hand(talk):
    talk.say("where is my order?")
    talk.hears("i don't know my order number", "colleague can help")


def test_leaving_the_form(talk):
    talk.say("where is my order?")
    talk.hears("never mind, bye", "Goodbye")
    talk.hears("hello", "what can I do for you")


def test_a_person_at_once(talk):
    talk.hears("I want to talk to a human", "within 4 hours")
    assert talk.tickets == [(Reason.ASKED, None)]


def test_a_person_in_the_middle_of_the_form(talk):
    talk.say("where is my order?")
    heard = talk.hears("just get me a human", "within 4 hours")
    assert "order number" not in heard
    talk.hears("hello", "what can I do for you")


def test_an_offered_person_comes_with_the_reason(talk):
    talk.hears(f"where is my order 1010? {ANA}", "may be lost")
    talk.hears("/human", "within 4 hours")
    assert talk.tickets == [(Reason.LOST_SUSPECTED, "#1010")]


def test_delivered_but_not_here(talk):
    talk.hears("it says delivered but I don't have it", "order number")
    talk.hears(f"1007 {ANA}", "safe places", "colleague")
    assert (talk.number, "#1007") in talk.desk.disputed
    talk.hears("yes", "within 4 hours")
    assert talk.tickets == [(Reason.NOT_RECEIVED, "#1007")]


def test_the_button_under_delivered(talk):
    talk.say(f"where is my order 1007? {ANA}")
    assert talk.buttons == ["/delivered_not_received"]
    talk.hears(talk.buttons[0], "safe places")


def test_faq_answer_and_choice(talk):
    talk.hears("how do I return something", "within 30 days")
    talk.hears("do you have gift cards", "one of these")
    assert talk.buttons == ["Gift wrapping", "Gift cards"]


def test_two_misunderstandings_in_a_row_bring_a_person(talk):
    talk.hears("flurble wibble zorp", "other words")
    talk.hears("glarb snoo krell", "within 4 hours")
    assert talk.tickets == [(Reason.MISUNDERSTOOD, None)]


def test_an_order_number_among_unknown_words(talk):
    talk.hears("flurble wibble zorp 1001", "e-mail")
    talk.hears(ANA, "#1001 is on its way")
    talk.hears("glarb snoo krell 1001", "#1001 is on its way")


def test_two_misunderstandings_apart_do_not(talk):
    talk.hears("flurble wibble zorp", "other words")
    talk.hears("thanks", "You're welcome")
    talk.hears("glarb snoo krell", "other words")


def test_small_talk(talk):
    talk.hears("hi", "Hello")
    talk.hears("what can you do", "I can tell you where an order is")
    talk.hears("tell me a joke", "I can only help with")
    talk.hears("no", "anything else")
    talk.hears("bye", "Goodbye")


def test_every_intent_is_answered(talk, rasa, action_server, intents):
    for intent in sorted(intents):
        fresh = Talk(rasa, action_server.state.desk, next(NUMBERS))
        assert fresh.say(f"/{intent}"), f"/{intent} is met with silence"


def test_a_failing_action_is_an_empty_answer(talk, action_server):
    action_server.state.failing = True
    try:
        assert talk.post("human") == []
    finally:
        action_server.state.failing = False
