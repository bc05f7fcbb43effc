"""Every folder of ``tracking_lookup/carriers``, made into an adapter where its secrets are set.

Adding a folder is all there is to adding a carrier: nothing here names one.
"""

import inspect
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

import httpx

from service.settings import ROOT, Settings, environment
from tracking_lookup.contract import Carrier, CarrierManifest


def slugs() -> list[str]:
    """Every source there is a folder for, switched on or not."""
    return sorted(path.parent.name for path in ROOT.glob("tracking_lookup/carriers/*/adapter.py"))


def manifest_of(slug: str) -> CarrierManifest:
    """What a folder says about its source."""
    found: CarrierManifest = import_module(f"tracking_lookup.carriers.{slug}").MANIFEST
    return found


def make_carriers(settings: Settings, http: httpx.AsyncClient) -> dict[str, Carrier]:
    """The sources that are switched on, by slug: those whose secrets are all set.

    Args:
        http: The client they call with.
    """
    given = values(settings)
    return {
        slug: make_carrier(slug, http, given)
        for slug in slugs()
        if all(given.get(secret) for secret in manifest_of(slug).secrets)
    }


def make_carrier(slug: str, http: httpx.AsyncClient, given: Mapping[str, str]) -> Carrier:
    """One adapter. Its constructor's argument ``client_id`` is ``FEDEX_CLIENT_ID`` in ``given``.

    Args:
        given: By name of the environment variable. What is missing there is the constructor's own
            default, and an empty text where it has none: enough to read answers, not to fetch any.
    """
    arguments = {}
    for name, parameter in _parameters(slug).items():
        value = given.get(f"{slug}_{name}".upper(), "")
        if value or parameter.default is parameter.empty:
            arguments[name] = value
    return _adapter(slug)(http, **arguments)  # type: ignore[no-any-return]


def reader(slug: str) -> Carrier:
    """An adapter for reading what somebody kept: it needs no secret, and can fetch nothing."""
    offline = httpx.MockTransport(lambda _: httpx.Response(503))
    return make_carrier(slug, httpx.AsyncClient(transport=offline), {})


def values(settings: Settings) -> dict[str, str]:
    """``environment()``, and the demo's carrier: its address and key are this service's own."""
    given = environment()
    if settings.demo:
        given |= {
            "SANDBOX_URL": settings.local_url,
            "SANDBOX_WEBHOOK_KEY": settings.sandbox_token,
        }
    return given


def settings_of(slug: str) -> list[str]:
    """The variables a source may be given: its secrets first, then what has a default."""
    secrets = list(manifest_of(slug).secrets)
    others = (f"{slug}_{name}".upper() for name in _parameters(slug))
    return [*secrets, *(name for name in others if name not in secrets)]


def _adapter(slug: str) -> Any:
    module = import_module(f"tracking_lookup.carriers.{slug}")
    (made,) = (getattr(module, name) for name in module.__all__ if name != "MANIFEST")
    return made


@cache
def _parameters(slug: str) -> dict[str, inspect.Parameter]:
    """The constructor's arguments after the HTTP client that are plain texts."""
    parameters = list(inspect.signature(_adapter(slug)).parameters.values())[1:]
    return {p.name: p for p in parameters if p.annotation is str}
