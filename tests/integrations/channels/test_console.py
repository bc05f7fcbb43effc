"""The terminal as a channel: what ``docs/add-a-channel.md`` tries."""

import asyncio

import httpx

from tests.support.serving import serve


async def test_a_line_in_and_the_answer_on_standard_output(run_service, rasa, monkeypatch, capsys):
    monkeypatch.setenv("CONSOLE_TOKEN", "try")
    rasa.answers["hello"] = [
        {"text": "What is it?", "buttons": [{"title": "My order", "payload": "/order_status"}]}
    ]
    async with (
        serve(rasa.app()) as rasa_url,
        run_service(rasa_url) as app,
        httpx.AsyncClient(base_url=app.state.url) as http,
    ):
        said = {"id": "1", "from": "me", "text": "hello"}
        allowed = {"Authorization": "Bearer try"}
        assert (await http.post("/channels/console", json=said)).status_code == 401
        for _ in range(2):
            answer = await http.post("/channels/console", json=said, headers=allowed)
            assert answer.status_code == 204
        for body in (b"", b"[]", b'{"id": "1"}'):
            answer = await http.post("/channels/console", content=body, headers=allowed)
            assert answer.status_code == 401
        printed = ""
        async with asyncio.timeout(30):
            while "My order" not in printed:
                await asyncio.sleep(0.02)
                printed += capsys.readouterr().out
    assert printed == "me <- What is it?\n    1. My order\n"
