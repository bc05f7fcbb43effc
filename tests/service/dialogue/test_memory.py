"""What the bot remembers is kept with its answer, and comes along with the next question."""


def answered(text, memory):
    return [{"recipient_id": "1", "text": text}, {"recipient_id": "1", "memory": memory}]


async def test_each_question_brings_what_the_last_answer_left(chat, rasa):
    rasa.answers["one"] = answered("first", {"slots": {"order_number": "1001"}})
    rasa.answers["two"] = answered("second", {"slots": {}})
    shopper = chat()
    assert await shopper.say("one") == ["first"]
    assert await shopper.say("two") == ["second"]
    await shopper.say("three")
    assert [asked["memory"] for asked in rasa.seen] == [
        {},
        {"slots": {"order_number": "1001"}},
        {"slots": {}},
    ]


async def test_an_answer_without_one_leaves_it_as_it_was(chat, rasa):
    rasa.answers["one"] = answered("first", {"loop": "order_form"})
    shopper = chat()
    await shopper.say("one")
    await shopper.say("two")  # echoed, with nothing to remember
    await shopper.say("three")
    assert rasa.seen[-1]["memory"] == {"loop": "order_form"}


async def test_conversations_do_not_share_theirs(chat, rasa):
    rasa.answers["one"] = answered("first", {"loop": "order_form"})
    await chat().say("one")
    await chat().say("two")
    assert rasa.seen[-1]["memory"] == {}
