"""`say` and `chat` as a person runs them, against the real service on loopback."""

import asyncio
import json
import os
import stat
import sys

import pytest


@pytest.fixture
def wismo(service, tmp_path):
    """Run the command line beside the running service; gives exit code, output and errors."""

    async def run(*arguments, stdin="", url=None):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "service.cli", *arguments),
            env=os.environ | {"WISMO_URL": url or service.state.url, "VAR": str(tmp_path / "cli")},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(60):
            out, err = await process.communicate(stdin.encode())
        return process.returncode, out.decode(), err.decode()

    return run


async def test_say_prints_the_replies_as_json(wismo, rasa):
    buttons = [{"title": "Yes", "payload": "/affirm"}]
    rasa.answers["hi"] = [{"text": "Hello."}, {"text": "Sure?", "buttons": buttons}]
    code, out, err = await wismo("say", "hi", "--json")
    assert (code, err) == (0, "")
    said = json.loads(out)
    assert said.keys() == {"conversation", "replies", "handler"}
    assert said["replies"] == [
        {"text": "Hello.", "buttons": []},
        {"text": "Sure?", "buttons": buttons},
    ]
    assert said["handler"] == "bot"


async def test_a_conversation_goes_on_and_each_sender_has_their_own(wismo, tmp_path):
    async def conversation(*more):
        code, out, _ = await wismo("say", "hi", "--json", *more)
        assert code == 0
        return json.loads(out)["conversation"]

    first = await conversation()
    assert await conversation() == first
    assert await conversation("--from", "ana") != first
    kept = tmp_path / "cli" / "cli.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600

    kept.write_text(json.dumps(dict.fromkeys(json.loads(kept.read_text()), "not-a-token")))
    assert await conversation() != first  # a session the service refuses is begun anew


async def test_chat_with_a_person_does_not_wait_for_the_bot(wismo, rasa):
    rasa.answers["human"] = []  # silence from the bot means a human
    code, out, err = await wismo("chat", stdin="hi\nhuman\nthanks\nbye\n")
    assert (code, err) == (0, "")
    assert "You said: hi" in out
    assert "a person answers from here" in out
    assert "You said: thanks" not in out


async def test_no_service_is_one_clear_line(wismo):
    for arguments in (("say", "hi"), ("chat",)):
        code, _, err = await wismo(*arguments, url="http://127.0.0.1:9")
        assert code == 2
        assert err.startswith("wismo: http://127.0.0.1:9: ")
        assert "./wismo up" in err


@pytest.mark.parametrize("text", ["", "   ", "x" * 20_000])
async def test_what_cannot_be_said_is_refused(wismo, text):
    code, _, err = await wismo("say", text)
    assert code == 2
    assert "Traceback" not in err


async def test_files_that_cannot_be_read_are_named(wismo, tmp_path):
    binary = tmp_path / "binary"
    binary.write_bytes(b"\x00\xff" * 100)
    for file in (binary, tmp_path, tmp_path / "missing"):
        code, out, err = await wismo("faq", "eval", str(file), "--json")
        assert code == 2
        assert json.loads(out)["error"]["kind"] == "bad_input"
        assert str(file) in err
        assert "Traceback" not in err
