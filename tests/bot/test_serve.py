"""Starting and training the bot, as ``./wismo`` does."""

import subprocess

import pytest

from tests.bot.conftest import BOT, TOKEN

SLOW = """
import inspect, sys
sys.path.insert(0, ".")
from pathlib import Path
from without_tensorflow import leave_out
assert leave_out(Path("config.yml"))
from rasa.core.actions.action import RemoteAction
assert "validate(result, self.action_response_format_spec())" in inspect.getsource(
    RemoteAction._validate_action_result
)
assert type(sys.modules["tensorflow"]).__name__ == "_Module"
from once import compile_action_schema

def accepts(answer):
    try:
        return RemoteAction("action_x", None)._validate_action_result(answer)
    except Exception as error:
        assert type(error).__name__ == "ValidationError", error
        return False

answers = [
    {"events": [], "responses": [{"text": "hello"}]},
    {"events": [{"event": "slot", "name": "told", "value": {}}, {"event": "restart"}]},
    {"events": [{"event": "active_loop", "name": None}]},
    {"events": "none"},
    {"responses": ["hello"]},
    {"events": ["slot"]},
    {"events": [{"event": "no such kind"}]},
    {"events": [{"event": "restart"}, {"event": "active_loop", "name": 1}]},
    {"events": [{"event": "slot"}]},
]
rasas_own = [accepts(answer) for answer in answers]
compile_action_schema()
assert [accepts(answer) for answer in answers] == rasas_own
assert rasas_own == [True] * 3 + [False] * 4 + [True, False], rasas_own
"""

ANEW = """
import asyncio, inspect, json, sys
sys.path.insert(0, ".")
from pathlib import Path
from without_tensorflow import leave_out
leave_out(Path("config.yml"))
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.events import Event
from rasa.shared.utils.common import all_subclasses
from rasa.utils.endpoints import EndpointConfig
import once

assert "_is_rule_applicable" in inspect.getsource(RulePolicy._get_possible_keys)
assert "all_subclasses" in inspect.getsource(Event.resolve_by_type)
assert "dask.get(" in inspect.getsource(DaskGraphRunner.run)
assert "aiohttp.ClientSession(" in inspect.getsource(EndpointConfig.session)
assert "async with self.session() as session" in inspect.getsource(EndpointConfig.request)

def kinds():
    names = sorted(str(kind.type_name) for kind in all_subclasses(Event) if kind.type_name)
    found = [Event.resolve_by_type(name) for name in names]
    try:
        Event.resolve_by_type("no such kind")
    except ValueError as error:
        return found, str(error)

def state(intent, action="action_listen"):
    return {"user": {"intent": intent}, "prev_action": {"action_name": action}}

policy = RulePolicy.__new__(RulePolicy)
lookup = {json.dumps([state(intent)]): "utter" for intent in ("greet", "bye")}
other = {json.dumps([state("greet", "utter")]): "action_listen"}

def rules():
    talks = [state("greet")], [state("bye")], [state("bye"), state("greet")], [state("help")]
    return [
        policy._get_possible_keys(some, talk)
        for some in (lookup, other) for talk in (*talks, [state("greet", "utter")], *talks)
    ]

def node(name, needs):
    return SchemaNode(needs=needs, uses=object, constructor_name="", fn="", config={})

ran = []
def step(name):
    def run(*inputs):
        ran.append(name)
        return name, [value for _, value in inputs if isinstance(_, str)]
    return run

runner = DaskGraphRunner.__new__(DaskGraphRunner)
needs = {
    "read": {"messages": "__message__"},
    "split": {"messages": "read"},
    "guess": {"messages": "split", "again": "read"},
    "other": {"messages": "read"},
}
runner._graph_schema = GraphSchema({name: node(name, need) for name, need in needs.items()})
runner._instantiated_nodes = {name: step(name) for name in needs}
runner._execution_context = None

def graph():
    ran.clear()
    found = runner.run(inputs={"__message__": "hi"}, targets=["guess"])
    return found, sorted(ran)

async def connections():
    opened = []
    async def serve(reader, writer):
        opened.append(writer)
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            await reader.readexactly(2)
            writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\n")
            writer.write(b"Content-Length: 4\\r\\n\\r\\nnull")
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    endpoint = EndpointConfig(f"http://127.0.0.1:{port}/")
    for _ in range(3):
        await endpoint.request(json={})
    if hasattr(endpoint, "kept_session"):
        await endpoint.kept_session.close()
    return len(opened)

before = kinds(), graph(), rules()
assert asyncio.run(connections()) == 3
once.install()
assert (kinds(), graph(), rules()) == before
assert before[1][1] == ["guess", "read", "split"], before
assert [len(found) for found in before[2]] == [1, 1, 1, 0, 0, 1, 1, 1, 0] + 4 * [0] + [1] + 4 * [0]
assert asyncio.run(connections()) == 1
"""


def run(*arguments, **more):
    return subprocess.run(
        arguments, cwd=BOT, capture_output=True, text=True, timeout=90, check=False, **more
    )


def test_rasa_still_checks_the_schema_on_every_answer(bot_python):
    """When this fails after an upgrade of Rasa, see whether ``compile_action_schema`` can go."""
    result = run(bot_python, "-W", "ignore", "-c", SLOW)
    assert result.returncode == 0, result.stderr


def test_what_rasa_works_out_anew_is_the_same_worked_out_once(bot_python):
    """When this fails after an upgrade of Rasa, see which part of ``once.py`` can go."""
    result = run(bot_python, "-W", "ignore", "-c", ANEW)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (["--model", "none.tar.gz"], {"ACTION_TOKEN": TOKEN}, "no model at"),
        (["--model", "config.yml"], {"ACTION_TOKEN": TOKEN}, "set ACTION_ENDPOINT_URL"),
    ],
)
def test_what_is_missing_is_said_in_one_line(bot_python, arguments, environment, says):
    result = run(bot_python, "serve.py", *arguments, env=environment)
    assert result.returncode == 1
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


def test_training_on_broken_data_fails_in_one_line(bot_python, tmp_path):
    copy = tmp_path / "bot"
    for name in ("train.py", "without_tensorflow.py", "config.yml"):
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).write_text((BOT / name).read_text())
    (copy / "domain").mkdir()
    (copy / "domain/intents.yml").write_text('version: "3.1"\nintents: [greet, greet: {}}\n')
    (copy / "data").mkdir()
    out = tmp_path / "model.tar.gz"
    result = run(bot_python, copy / "train.py", "--out", out)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("bot: training failed: ")
    assert not out.exists()
