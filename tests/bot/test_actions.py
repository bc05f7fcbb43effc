"""Single actions, called as Rasa calls them: what no conversation can easily bring about."""

import pytest

from bot.actions.contract import Reason, Request
from kit.errors import Misconfigured
from tests.bot.conftest import make_executor
from tests.bot.desk import ANA, shop


@pytest.fixture
def desk():
    return shop()


@pytest.fixture
def run(desk):
    executor = make_executor(desk)

    async def run(action, *, text="", intent="", slots=None, conversation=1, said=(), entities=()):
        """Run one action after the bot said the responses ``said``; gives events, answers."""
        message = {
            "text": text,
            "intent": {"name": intent},
            "entities": entities,
            "metadata": {"conversation": conversation},
        }
        spoken = [{"event": "bot", "metadata": {"utter_action": name}, "data": {}} for name in said]
        tracker = {
            "sender_id": "x",
            "slots": slots or {},
            "latest_message": message,
            "events": [{"event": "user"}, *spoken, {"event": "user"}],
            "paused": False,
            "followup_action": None,
            "active_loop": {},
            "latest_action_name": "action_listen",
        }
        result = await executor.run(
            {"next_action": action, "tracker": tracker, "domain": {}, "sender_id": "x"}
        )
        slots = {e["name"]: e["value"] for e in result.events if e["event"] == "slot"}
        return slots, [answer["response"] for answer in result.responses]

    return run


async def test_a_filled_slot_proves_nothing(run):
    slots = {"order_number": "#1001", "proof": ANA, "question": "order_status"}
    slots, answers = await run("validate_order_form", text="where is it", slots=slots)
    assert (slots["requested_slot"], answers) == ("order_number", [])


async def test_a_proof_may_end_before_the_answer(run, desk):
    async def just_before(conversation):
        return ("#1001",)

    desk.proven = just_before
    slots, answers = await run("validate_order_form", text="where is it")
    assert (slots["requested_slot"], answers) == (None, ["utter_order_form_gave_up"])


@pytest.mark.parametrize("conversation", [None, "1", {"id": 1}])
async def test_without_the_services_metadata_nothing_runs(run, conversation):
    with pytest.raises(Misconfigured):
        await run("action_hand_over", conversation=conversation)


async def test_the_proof_is_not_kept(run):
    email = {"entity": "email", "start": 5, "end": 5 + len(ANA), "value": ANA}
    number = {"entity": "order_number", "start": 0, "end": 4, "value": "1001"}
    slots, answers = await run(
        "validate_order_form", text=f"1001 {ANA}", intent="inform", entities=[email, number]
    )
    assert slots["proof"] is None
    assert slots["requested_slot"] is None
    assert ANA not in str(slots)
    assert answers == ["utter_parcel_moving"]


@pytest.mark.parametrize(
    ("said", "asked", "order", "answers"),
    [("8001", None, None, ["utter_parcel_moving"]), ("1010", "proof", "1010", [])],
)
async def test_a_bare_number_after_the_proof_was_asked_is_a_postcode_or_another_order(
    run, desk, said, asked, order, answers
):
    desk.orders["1001"] = (desk.orders["1001"][0], "8001")
    slots, said_then = await run(
        "validate_order_form",
        text=said,
        intent="inform",
        entities=[{"entity": "order_number", "start": 0, "end": 4, "value": said}],
        slots={"order_number": "1001", "requested_slot": "proof"},
    )
    assert (slots["requested_slot"], slots["order_number"], said_then) == (asked, order, answers)


async def test_everything_is_forgotten_after_an_answer(run, desk):
    await desk.prove(1, "1001", ANA)
    slots, answers = await run(
        "validate_order_form", text="where is 1001", slots={"question": "order_status"}
    )
    assert answers == ["utter_parcel_moving"]
    assert not any(slots[name] for name in ("question", "order_number", "proof", "form_step"))
    assert slots["told"]["order"] == "#1001"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (["utter_parcel_overdue"], Reason.OVERDUE),
        (["utter_not_received_checklist", "utter_not_received_offer"], Reason.NOT_RECEIVED),
        (["utter_parcel_unreachable"], Reason.CARRIER_DOWN),
        (["utter_greet"], Reason.ASKED),
        ([], Reason.ASKED),
    ],
)
async def test_the_ticket_says_why(run, desk, said, reason):
    await desk.prove(1, "1004", ANA)
    _, answers = await run("action_hand_over", intent="human", said=said)
    assert answers == ["utter_handed_over"]
    assert desk.tickets == [(1, reason, "#1004")]


async def test_a_dispute_needs_a_delivered_parcel(run, desk):
    await desk.prove(1, "1001", ANA)
    slots = {"question": "delivered_not_received"}
    _, answers = await run("validate_order_form", text="it never came", slots=slots)
    assert answers == ["utter_parcel_not_delivered_yet"]
    assert desk.disputed == []


@pytest.mark.parametrize("told", ["x", {"order": 1, "strange": 2}, ["#1001"], None])
async def test_a_strange_memory_is_none(run, desk, told):
    await desk.prove(1, "1001", ANA)
    slots = {"question": "order_status", "told": told}
    _, answers = await run("validate_order_form", text="where is it", slots=slots)
    assert answers == ["utter_parcel_moving"]


async def test_a_remembered_order_proves_nothing(run, desk):
    await desk.prove(1, "1001", ANA)
    told = {"order": "#1003", "question": "order_status", "print": "", "times": 1}
    await run("action_hand_over", intent="human", slots={"told": told})
    assert desk.tickets == [(1, Reason.ASKED, "#1001")]


async def test_a_request_is_recorded_before_it_is_confirmed(run, desk):
    _, answers = await run("action_stop_messages", intent="stop_messages")
    assert desk.requests == [(1, Request.STOP_MESSAGES)]
    assert answers == ["utter_messages_stopped"]
    assert desk.tickets == []
