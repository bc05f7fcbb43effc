"""`./wismo up` as a newcomer runs it, once for all tests here: real Rasa, database and carrier."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from tests.support.providers.api import providers
from tests.support.providers.shoppers import settings
from tests.support.serving import free_socket
from tests.support.shop import IDENTITY_KEY

ROOT = Path(__file__).parents[2]
READY = "Ctrl-C stops everything"
STOP_SECONDS = 50  # web process and Rasa ten each, PostgreSQL thirty
NOTICES = """
notifications:
  hours: {mon-sun: "00:00-24:00"}
  a_day: 50
  merge_seconds: 1
  agreed_at_checkout: []
  channels: {whatsapp: whatsapp_cloud}
  triggers:
    out_for_delivery: [email, telegram, whatsapp, sms]
"""
APPROVED = """
whatsapp_cloud:
  out_for_delivery:
    en: {name: order_out_for_delivery, status: approved, language: en_GB}
"""


@pytest.fixture(scope="session")
def replayed():
    """The APIs of the channels' providers, on loopback."""
    with providers() as running:
        yield running


@pytest.fixture(scope="session")
def shop(tmp_path_factory, replayed):
    """A running demo shop with every channel on: ``url``, ``var``, the agent's ``email`` and
    ``password``, and ``providers``, which the channels call.
    """
    var = tmp_path_factory.mktemp("shop") / "var"
    var.mkdir()
    models = ROOT / "var" / "models"  # trained once for this clone
    models.mkdir(parents=True, exist_ok=True)
    (var / "models").symlink_to(models)
    with free_socket() as bound:
        port = bound.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    env = os.environ | settings(replayed.url)
    env |= {"VAR": str(var), "LOG_LEVEL": "WARNING", "PUBLIC_URL": url}
    env["IDENTITY_KEY"] = IDENTITY_KEY
    # Messages that nobody asked for go to who asks for them on the page, and to nobody else here.
    shops, _, _ = (ROOT / "shop.yml").read_text().partition("notifications:\n")
    (var / "shop.yml").write_text(shops + NOTICES)
    (var / "whatsapp.yml").write_text(APPROVED)
    env |= {"SHOP_FILE": str(var / "shop.yml"), "WHATSAPP_TEMPLATES": str(var / "whatsapp.yml")}
    with (var / "up.err").open("w") as errors:
        process = subprocess.Popen(
            [ROOT / "wismo", "up", "--port", str(port)],
            env=env,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    said = []
    for line in process.stdout:
        said.append(line)
        if READY in line:
            break
    else:
        process.wait()
        process.stdout.close()
        pytest.fail(f"`up` ended: {(var / 'up.err').read_text()}")
    email, password = re.search(r"sign in as (\S+) with (\S+)", "".join(said)).groups()
    everything = psutil.Process(process.pid).children(recursive=True)
    yield SimpleNamespace(
        url=url, var=var, email=email, password=password, pid=process.pid, providers=replayed
    )
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        late = [each.name() for each in everything if each.is_running()]
        process.kill()  # what it started ends with it
        process.communicate()
        pytest.fail(f"still there {STOP_SECONDS} s after Ctrl-C: {late}")
    assert process.returncode == 0
    _, alive = psutil.wait_procs(everything, timeout=5)
    assert not alive, "left behind"
    assert not (var / "postgres" / "postmaster.pid").exists()


@pytest.fixture(scope="session")
def url(shop):
    """Where the shop is; ``open_page`` closes its pages before it stops."""
    return shop.url


@pytest.fixture
def say(shop, tmp_path):
    """`./wismo say … --json` as one shopper after the other: ``say("hello", shopper="ana")``."""

    def say(text, *, shopper="me"):
        done = subprocess.run(
            [ROOT / "wismo", "say", text, "--from", f"{tmp_path.name}-{shopper}", "--json"],
            env=os.environ | {"WISMO_URL": shop.url, "VAR": str(shop.var)},
            capture_output=True,
            text=True,
            timeout=40,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return say
