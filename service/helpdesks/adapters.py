"""Every folder of ``integrations/helpdesks``, made into an adapter where its settings are set.

Adding a folder is all there is to adding a help desk: nothing here names one.
"""

from collections.abc import Mapping
from importlib import import_module

import httpx

from integrations.helpdesk_contract import Helpdesk, HelpdeskManifest
from kit.errors import Misconfigured
from service.settings import ROOT


def slugs() -> list[str]:
    """Every help desk there is a folder for, switched on or not."""
    return sorted(path.parent.name for path in ROOT.glob("integrations/helpdesks/*/adapter.py"))


def manifest_of(slug: str) -> HelpdeskManifest:
    """What a folder says about its help desk."""
    found: HelpdeskManifest = import_module(f"integrations.helpdesks.{slug}").MANIFEST
    return found


def make_helpdesk(http: httpx.AsyncClient, given: Mapping[str, str]) -> Helpdesk | None:
    """The help desk that is switched on: the one whose required settings are all set.

    Args:
        http: The client it calls with.
        given: Settings by name of their environment variable.

    Raises:
        Misconfigured: More than one is: a ticket belongs to one.
    """
    on = [slug for slug in slugs() if not missing(manifest_of(slug), given)]
    if len(on) > 1:
        raise Misconfigured(
            f"the settings of {' and '.join(on)} are all set, but a ticket belongs to one help "
            "desk: take out the others'"
        )
    return make_adapter(on[0], http, given) if on else None


def make_adapter(slug: str, http: httpx.AsyncClient, given: Mapping[str, str]) -> Helpdesk:
    """One adapter, with what is given of its settings."""
    module = import_module(f"integrations.helpdesks.{slug}")
    (adapter,) = (getattr(module, name) for name in module.__all__ if name != "MANIFEST")
    arguments = {
        setting.argument: given[setting.env]
        for setting in manifest_of(slug).settings
        if given.get(setting.env)
    }
    made: Helpdesk = adapter(http, **arguments)
    return made


def missing(manifest: HelpdeskManifest, given: Mapping[str, str]) -> list[str]:
    """The required settings that are not set."""
    return [s.env for s in manifest.settings if s.required and not given.get(s.env)]
