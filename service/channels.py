"""Every folder of ``integrations/channels``, made into an adapter where its settings are set.

Adding a folder is all there is to adding a channel: nothing here names one.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import Any

import httpx

from integrations.contract import Channel, ChannelManifest, Rate
from kit.errors import Misconfigured
from service.settings import ROOT, Settings, environment


def slugs() -> list[str]:
    """Every channel there is a folder for, switched on or not."""
    return sorted(path.parent.name for path in ROOT.glob("integrations/channels/*/adapter.py"))


def manifest_of(slug: str) -> ChannelManifest:
    """What a folder says about its channel."""
    found: ChannelManifest = import_module(f"integrations.channels.{slug}").MANIFEST
    return found


@cache
def is_fetched(slug: str) -> bool:
    """Whether a channel's shoppers fetch what is stored; of a channel that is gone, not."""
    return slug in slugs() and manifest_of(slug).fetched


@cache
def shares_phone(slug: str) -> bool:
    """Whether a channel has a button that shares a shopper's number; one that is gone, not."""
    return slug in slugs() and manifest_of(slug).shares_phone


def make_channels(http: httpx.AsyncClient, settings: Settings) -> dict[str, Channel]:
    """The channels that are switched on, by slug: those whose required settings are all set.

    Args:
        http: The client they call with.
        settings: In the demo the console is on, which stands in for SMS and WhatsApp there.
    """
    given = (settings.demo_channels if settings.demo else {}) | environment()
    return {
        slug: make_channel(slug, http, given)
        for slug in slugs()
        if not missing(manifest_of(slug), given)
    }


def make_channel(slug: str, http: httpx.AsyncClient, given: Mapping[str, str]) -> Channel:
    """One adapter, with what is given of its settings, by name of the environment variable.

    ``<SLUG>_PER_SECOND`` replaces the manifest's rate, for senders that may send more or less: a
    short code, a pool of numbers, a WhatsApp number of a higher tier.

    Raises:
        Misconfigured: The rate is not a whole number of at least 1.
    """
    module = import_module(f"integrations.channels.{slug}")
    (adapter,) = (getattr(module, name) for name in module.__all__ if name != "MANIFEST")
    arguments: dict[str, Any] = {
        setting.argument: given[setting.env]
        for setting in manifest_of(slug).settings
        if given.get(setting.env)
    }
    made: Channel = adapter(http, **arguments)
    rate = given.get(f"{slug}_PER_SECOND".upper())
    if rate is not None:
        made.manifest = replace(made.manifest, rate=_rate(slug, rate))
    return made


def _rate(slug: str, value: str) -> Rate:
    if not value.isdecimal() or int(value) < 1:
        raise Misconfigured(f"{slug.upper()}_PER_SECOND must be a whole number, 1 or more")
    return Rate(int(value))


def missing(manifest: ChannelManifest, given: Mapping[str, str]) -> list[str]:
    """The required settings that are not set."""
    return [s.env for s in manifest.settings if s.required and not given.get(s.env)]


def own_settings(slug: str) -> set[str]:
    """The required settings that no other channel shares: one that is set says it is wanted."""
    shared = {s.env for other in slugs() if other != slug for s in manifest_of(other).settings}
    return {s.env for s in manifest_of(slug).settings if s.required} - shared
