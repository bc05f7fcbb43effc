"""One internet address cannot fill the chat by taking new names."""

from service.conversations.floods import Floods


def test_an_address_is_held_for_the_rest_of_its_minute_and_others_are_not():
    floods = Floods(3)
    assert [floods.admits("192.0.2.1", seconds=61) for _ in range(5)] == [True] * 3 + [False] * 2
    assert floods.admits("192.0.2.2", seconds=62)
    assert floods.admits("192.0.2.1", seconds=120)


async def test_new_names_from_one_address_are_refused_kindly(run_service, chat_post):
    async with run_service("http://127.0.0.1:9", ip_per_minute=2) as app:
        answers = [await chat_post(app.state.url, f"hello {n}") for n in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert answers[2].headers["retry-after"] == "60"
    assert "wait a minute" in answers[2].json()["error"]["message"]
