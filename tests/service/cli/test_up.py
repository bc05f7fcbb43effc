"""`up` and `serve` as processes: what they refuse, and what they leave behind."""

import os
import signal
import subprocess
import sys
import time

import httpx
import psutil
import pytest

from service.cli.held import held
from service.postgres import EmbeddedPostgres
from tests.support.serving import free_socket


@pytest.fixture
def command(tmp_path):
    """The command line with a ``var`` of its own."""

    def start(*arguments, **env):
        return subprocess.Popen(
            [sys.executable, "-m", "service.cli", *arguments],
            env=os.environ | {"VAR": str(tmp_path / "var")} | env,
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    return start


def ended(process):
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in err
    return process.returncode, out, err


def free_port():
    with free_socket() as bound:
        return bound.getsockname()[1]


def test_a_taken_port_is_told_before_anything_slow(command, tmp_path):
    with free_socket() as taken:
        taken.listen()
        code, out, err = ended(command("up", "--port", str(taken.getsockname()[1])))
    assert (code, out) == (2, "")
    assert "is taken" in err
    assert len(err.strip().splitlines()) == 1
    assert not (tmp_path / "var" / "postgres").exists()


def test_a_second_up_names_the_first(command, tmp_path):
    with held(tmp_path / "var" / "up.lock", "running: http://127.0.0.1:8000"):
        code, _, err = ended(command("up", "--port", str(free_port())))
    assert code == 2
    assert "running: http://127.0.0.1:8000" in err


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:hunter2@127.0.0.1/x",
        "postgresql://u:hunter2@127.0.0.1:9/x",
        "postgresql://u:hunter2%zz@127.0.0.1/x",
        "hunter2",
    ],
)
def test_a_broken_database_url_is_one_line_without_its_password(command, url):
    code, _, err = ended(command("up", "--port", str(free_port()), DATABASE_URL=url))
    assert code == 2
    assert "DATABASE_URL" in err
    assert "hunter2" not in err


def test_a_server_killed_with_all_its_users_is_taken_over_and_stopped(command, tmp_path):
    port = free_port()
    assert ended(command("migrate"))[0] == 0
    web = command("serve", "--with-parent", PORT=str(port), LOG_LEVEL="ERROR", DEMO="false")
    _until_alive(port, web)
    server = EmbeddedPostgres(tmp_path / "var" / "postgres")
    assert server.running
    web.send_signal(signal.SIGKILL)
    web.communicate()
    assert server.running  # nobody was left to stop it
    assert ended(command("migrate"))[0] == 0
    assert not server.running


def test_the_web_process_ends_with_its_parent(command, tmp_path):
    """The parent is killed; the web process and the embedded database must not outlive it."""
    assert ended(command("migrate"))[0] == 0
    port = free_port()
    parent = subprocess.Popen(
        [sys.executable, "-c",
         "import subprocess, sys, time;"
         "subprocess.Popen([sys.executable, '-m', 'service.cli', 'serve', '--with-parent'],"
         " stdin=subprocess.PIPE); time.sleep(300)"],
        env=os.environ | {"VAR": str(tmp_path / "var"), "PORT": str(port), "DEMO": "false",
                          "LOG_LEVEL": "ERROR"},
    )  # fmt: skip
    _until_alive(port, parent)
    [web] = psutil.Process(parent.pid).children()
    parent.kill()
    parent.wait()
    psutil.wait_procs([web], timeout=60)
    assert not web.is_running()
    assert not EmbeddedPostgres(tmp_path / "var" / "postgres").running


def _until_alive(port, process):
    for _ in range(900):
        assert process.poll() is None
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("not alive within 90 s")


@pytest.mark.parametrize("process", ["serve", "worker"])
def test_a_database_that_is_not_migrated_is_one_line(command, process):
    code, _, err = ended(command(process, PORT=str(free_port()), LOG_LEVEL="ERROR"))
    assert code == 2
    assert "not migrated: run ./wismo migrate first" in err
