"""The launcher, with the uv and python it finds replaced by small programs that tell on it."""

import os
import shutil
import signal
import subprocess
import time

import pytest

from service.settings import ROOT

UV = """#!/bin/sh
case "$1" in
--version) echo "uv 9.9.9"; exit 0 ;;
venv) for last; do :; done
    mkdir -p "$last/bin"
    printf '#!/bin/sh\\nprintf "%%s|" "$@"\\n' > "$last/bin/python"
    chmod +x "$last/bin/python" ;;
esac
echo "$*" >> "$CALLS"
echo noise
sleep "${SLOW:-0}"
exit "${FAIL:-0}"
"""


@pytest.fixture
def clone(tmp_path):
    """A clone's launcher and locks, in a long path with spaces."""
    folder = tmp_path / "a clone with spaces" / ("long" * 30)
    (folder / "tests").mkdir(parents=True)
    shutil.copy(ROOT / "wismo", folder)
    (folder / "requirements.lock").write_text("a==1\n")
    (folder / "tests" / "requirements.lock").write_text("a==1\nb==1\n")
    return folder


@pytest.fixture
def run(clone, tmp_path):
    """Run the launcher with only what the test gives it on PATH."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in (
        "sh",
        "chmod",
        "cmp",
        "cp",
        "dirname",
        "ln",
        "mkdir",
        "mv",
        "readlink",
        "rm",
        "sleep",
        "tail",
    ):
        (tools / name).symlink_to(shutil.which(name))
    env = {"PATH": str(tools), "CALLS": str(tmp_path / "calls"), "HOME": str(tmp_path)}

    def start(*arguments, uv=True, **more):
        if uv:
            (tools / "uv").write_text(UV)
            (tools / "uv").chmod(0o755)
        return subprocess.Popen(
            [clone / "wismo", *arguments], cwd=tmp_path, env=env | more, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(*arguments, **more):
        process = start(*arguments, **more)
        stdout, stderr = process.communicate(timeout=120)
        return process.returncode, stdout, stderr

    run.start = start
    run.calls = lambda: (tmp_path / "calls").read_text().splitlines()
    run.tools = tools
    return run


def test_sets_up_once_and_keeps_standard_output_for_the_command(run, clone):
    code, stdout, stderr = run("say", "two words")
    assert (code, stdout) == (0, "-m|service.cli|say|two words|")
    assert "installing packages from requirements.lock" in stderr
    assert [call.split()[0] for call in run.calls()] == ["venv", "pip"]
    assert run("doctor") == (0, "-m|service.cli|doctor|", "")
    assert len(run.calls()) == 2


def test_a_changed_lock_is_installed_whatever_its_time_stamp(run, clone):
    run("doctor")
    lock = clone / "requirements.lock"
    lock.write_text("a==2\n")
    os.utime(lock, (0, 0))
    run("doctor")
    assert len(run.calls()) == 3


def test_up_after_test_keeps_the_test_tools(run, clone):
    run("test")
    assert run.calls()[-1].endswith("tests/requirements.lock")
    (clone / ".venv" / "bin" / "pytest").write_text("#!/bin/sh\n")
    (clone / ".venv" / "bin" / "pytest").chmod(0o755)
    run("up")
    assert len(run.calls()) == 2


def test_a_failed_installation_is_told_and_tried_again(run):
    code, stdout, stderr = run("doctor", FAIL="1")
    assert (code, stdout) == (2, "")
    assert "Traceback" not in stderr
    assert run("doctor")[0] == 0


def test_two_at_once_set_up_one_after_the_other(run):
    first, second = run.start("a", SLOW="0.5"), run.start("b", SLOW="0.5")
    assert first.communicate(timeout=120)[0] == "-m|service.cli|a|"
    assert second.communicate(timeout=120)[0] == "-m|service.cli|b|"
    assert len(run.calls()) == 2


def test_a_killed_launcher_leaves_no_lock(run, clone):
    killed = run.start("a", SLOW="3")
    while not (clone / ".tools" / "guard").is_symlink():
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    killed.stdout.close()
    killed.stderr.close()
    assert run("b")[0] == 0


def test_without_python_and_uv_it_says_what_to_install(run):
    if os.path.exists("/usr/bin/python3"):  # the launcher looks there too
        fake = run.tools / "python3"
        fake.write_text(
            '#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.6.1" && exit 0\nexit 1\n'
        )
        fake.chmod(0o755)
    code, stdout, stderr = run("up", uv=False)
    assert (code, stdout) == (2, "")
    assert "nstall" in stderr


def test_a_link_to_it_works(run, clone, tmp_path):
    run("doctor")
    link = tmp_path / "wismo-link"
    link.symlink_to(clone / "wismo")
    done = subprocess.run([link, "x"], env={"PATH": str(run.tools)}, capture_output=True, text=True)
    assert done.stdout == "-m|service.cli|x|"
