"""`agent` and `audit` as a person runs them, on a database of their own."""

import asyncio
import json
import os
import sys

import pytest


@pytest.fixture
def wismo(database_url, tmp_path):
    """Runs the command line; gives exit code and output."""

    async def run(*arguments):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "service.cli", *arguments),
            env=os.environ | {"DATABASE_URL": database_url, "VAR": str(tmp_path)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(60):
            out, _ = await process.communicate()
        return process.returncode, out.decode()

    return run


async def test_the_first_account_manages_the_others(wismo, tmp_path):
    (tmp_path / "up.lock").write_text("Wismo is already running here: http://127.0.0.1:8123 (…)")
    code, password = await wismo("agent", "add", "ana@example.com", "--name", "Ana")
    assert code == 0
    assert len(password.strip()) == 19
    code, link = await wismo("agent", "invite", "ben@example.com", "--role", "lead")
    assert code == 0
    assert link.startswith("http://127.0.0.1:8123/inbox/sign-in/welcome/")
    code, why = await wismo("agent", "close", "ana@example.com")
    assert code == 2
    assert "nobody who manages accounts" in why
    await wismo("agent", "close", "ben@example.com")
    _, listed = await wismo("agent", "list", "--json")
    assert [(each["email"], each["role"], each["active"]) for each in json.loads(listed)] == [
        ("ana@example.com", "admin", True),
        ("ben@example.com", "lead", False),
    ]
    code, checked = await wismo("audit", "check", "--json")
    assert code == 0
    assert json.loads(checked)["length"] == 3
    head = json.loads(checked)["head"]
    assert (await wismo("audit", "check", "--head", head[:-1] + "?"))[0] == 1
