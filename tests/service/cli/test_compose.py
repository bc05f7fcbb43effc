"""What production runs, held to its promises: no default secret, one open port, all watched."""

import re

import pytest
import yaml

from service.settings import ROOT, Settings

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]


def test_it_runs_all_that_is_needed():
    assert SERVICES.keys() == {"postgres", "migrate", "rasa", "web", "worker"}


def test_no_secret_has_a_default():
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET_KEY|TOKEN|DATABASE_URL", name):
                assert re.search(r"\$\{[A-Z_]+:\?", value), name


def test_only_the_web_process_is_published_and_on_loopback_at_first():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["web"]
    assert SERVICES["web"]["ports"][0].startswith("${BIND:-127.0.0.1}:")


def test_each_variable_is_a_setting():
    names = set(SERVICES["web"]["environment"])
    assert names <= {field.upper() for field in Settings.model_fields}


@pytest.mark.parametrize("name", ["postgres", "rasa", "web"])
def test_what_can_be_watched_is(name):
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_images_exist_and_run_as_nobody_special():
    stages = re.split(r"^FROM ", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)[1:]
    named = {re.search(r"AS (\S+)", stage)[1]: stage for stage in stages}
    for service in SERVICES.values():
        if "build" in service:
            assert "\nUSER wismo\n" in named[service["build"]["target"]]
