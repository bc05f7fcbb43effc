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
from serve import compile_action_schema

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


def run(*arguments, **more):
    return subprocess.run(
        arguments, cwd=BOT, capture_output=True, text=True, timeout=90, check=False, **more
    )


def test_rasa_still_checks_the_schema_on_every_answer(bot_python):
    """When this fails after an upgrade of Rasa, see whether ``compile_action_schema`` can go."""
    result = run(bot_python, "-W", "ignore", "-c", SLOW)
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
