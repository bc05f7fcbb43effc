"""``wismo doctor``: what is there, what is not, and how to mend it."""

import asyncio
import platform
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import httpx
import sqlalchemy
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kit.errors import AppError
from service import carriers, channels
from service.cli import checks, setup
from service.cli.process import listener
from service.cli.supervisor import check_database
from service.cli.terminal import service_url
from service.db import sqlalchemy_url
from service.helpdesks import adapters as helpdesks
from service.postgres import EmbeddedPostgres
from service.settings import ROOT, Settings, environment


class Health(StrEnum):
    """How a part is. Only ``broken`` needs mending."""

    OK = "ok"
    OFF = "not configured"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One part.

    Attributes:
        about: What was seen.
        mend: What to do; empty where there is nothing to do.
    """

    part: str
    health: Health
    about: str
    mend: str = ""

    @property
    def is_broken(self) -> bool:
        """Whether it is needed and does not work."""
        return self.health is Health.BROKEN

    def as_json(self) -> dict[str, Any]:
        """As ``wismo doctor --json`` prints it."""
        return asdict(self)


async def look(settings: Settings | str) -> list[Finding]:
    """Look at every part.

    Args:
        settings: Or why they cannot be read.
    """
    found = list(_environment())
    if isinstance(settings, str):
        return [*found, Finding("settings", Health.BROKEN, settings, "see .env.example")]
    found += [Finding("settings", Health.OK, "read"), _bot(settings), _model(settings)]
    found.append(await asyncio.to_thread(_database, settings))
    found += [finding async for finding in _service(settings)]
    found += _carriers(settings)
    found += _channels(settings)
    found += _helpdesks(settings)
    return found


def show(findings: list[Finding]) -> None:
    """Print findings for people."""
    marks = {Health.OK: "[green]✓", Health.OFF: "[dim]-", Health.BROKEN: "[red]✗"}
    rows = Table.grid(padding=(0, 2))
    for finding in findings:
        rows.add_row(marks[finding.health], finding.part, escape(finding.about))
        if finding.mend:
            rows.add_row("", "", f"[yellow]→ {escape(finding.mend)}")
    Console(highlight=False).print(rows)


def _environment() -> Iterator[Finding]:
    yield Finding("python", Health.OK, f"{platform.python_version()}, {sys.executable}")
    try:
        yield Finding("uv", Health.OK, setup.uv())
    except AppError as error:
        yield Finding("uv", Health.BROKEN, error.message, "run ./wismo doctor")
    installed = ROOT / ".venv" / setup.INSTALLED
    locks = (ROOT / "requirements.lock", ROOT / "tests" / "requirements.lock")
    copy = installed.read_bytes() if installed.exists() else b""
    if copy in (lock.read_bytes() for lock in locks if lock.exists()):
        yield Finding("service packages", Health.OK, "as locked")
    else:
        yield Finding(
            "service packages", Health.BROKEN, "not as locked", "any ./wismo command installs them"
        )
    browser = checks.chromium()
    yield (
        Finding("browser", Health.OK, browser)
        if browser
        else Finding("browser", Health.OFF, "no Chromium; only the tests need it")
    )


def _bot(settings: Settings) -> Finding:
    if setup.bot_is_set_up():
        return Finding("bot packages", Health.OK, "as locked")
    return Finding("bot packages", Health.OFF, "not as locked", "./wismo up or ./wismo train")


def _model(settings: Settings) -> Finding:
    model = setup.model_path(settings.var)
    if model.exists():
        return Finding("bot model", Health.OK, f"fresh, {model.name}")
    return Finding("bot model", Health.OFF, "not trained on the present data", "./wismo train")


def _database(settings: Settings) -> Finding:
    url = settings.database_url
    if url is None:
        server = EmbeddedPostgres(settings.var / "postgres")
        if not server.running:
            return Finding("database", Health.OFF, "embedded, not running", "./wismo up starts it")
        url = server.url
    try:
        check_database(url)
        migrated = _is_migrated(url)
    except AppError as error:
        return Finding("database", Health.BROKEN, error.message, "mend DATABASE_URL or the server")
    if not migrated:
        return Finding("database", Health.BROKEN, "reachable, not migrated", "./wismo up migrates")
    return Finding("database", Health.OK, "reachable and migrated")


def _is_migrated(url: str) -> bool:
    scripts = ScriptDirectory(str(ROOT / "service" / "migrations"))
    engine = sqlalchemy.create_engine(sqlalchemy_url(url))
    try:
        with engine.connect() as connection:
            at = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    return at == scripts.get_current_head()


async def _service(settings: Settings) -> AsyncIterator[Finding]:
    url = service_url()
    try:
        async with httpx.AsyncClient(base_url=url, timeout=5, trust_env=False) as http:
            parts = (await http.get("/readyz")).json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        yield _port(settings, url)
        return
    yield Finding("service", Health.OK, f"runs at {url}")
    for part, state in parts.items():
        if state != "ok":
            log = settings.var / "log"
            yield Finding(f"service: {part}", Health.BROKEN, str(state), f"see the logs in {log}")
        else:
            yield Finding(f"service: {part}", Health.OK, "reachable")


def _port(settings: Settings, url: str) -> Finding:
    try:
        listener(settings.host, settings.port).close()
    except AppError as error:
        return Finding("service", Health.BROKEN, f"not at {url}; {error.message}", "set PORT")
    return Finding("service", Health.OFF, f"not running at {url}", "./wismo up starts it")


def _carriers(settings: Settings) -> Iterator[Finding]:
    given = carriers.values(settings)
    for slug in carriers.slugs():
        manifest = carriers.manifest_of(slug)
        missing = [name for name in manifest.secrets if not given.get(name)]
        part = f"carrier: {manifest.name}"
        if not missing:
            yield Finding(part, Health.OK, "switched on")
        else:
            half = len(missing) < len(manifest.secrets)
            yield Finding(
                part,
                Health.BROKEN if half else Health.OFF,
                f"{', '.join(missing)} not set",
                f"see tracking_lookup/carriers/{slug}/README.md" if half else "",
            )


def _channels(settings: Settings) -> Iterator[Finding]:
    """What each channel still needs: its settings, then its provider's end of the line."""
    given = environment()
    for slug in channels.slugs():
        manifest = channels.manifest_of(slug)
        part = f"channel: {manifest.name}"
        missing = channels.missing(manifest, given)
        if missing:
            half = any(given.get(name) for name in channels.own_settings(slug))
            yield Finding(
                part,
                Health.BROKEN if half else Health.OFF,
                f"{', '.join(missing)} not set",
                f"see integrations/channels/{slug}/README.md" if half else "",
            )
        elif not manifest.webhook:
            yield Finding(part, Health.OK, "switched on")
        else:
            yield _webhook(part, f"{settings.base_url}/channels/{slug}", manifest.webhook)


def _webhook(part: str, url: str, where: str) -> Finding:
    if url.startswith("https://"):
        return Finding(part, Health.OK, f"switched on; webhook {url}: {where}")
    return Finding(
        part,
        Health.OK,
        f"switched on; {url} cannot be reached by a provider",
        f"set PUBLIC_URL to your https address, then: {where}",
    )


def _helpdesks(settings: Settings) -> Iterator[Finding]:
    given = environment()
    on = 0
    for slug in helpdesks.slugs():
        manifest = helpdesks.manifest_of(slug)
        missing = helpdesks.missing(manifest, given)
        part = f"help desk: {manifest.name}"
        readme = f"see integrations/helpdesks/{slug}/README.md"
        half = any(given.get(setting.env) for setting in manifest.settings)
        if missing:
            about = f"{', '.join(missing)} not set"
            health = Health.BROKEN if half else Health.OFF
            yield Finding(part, health, about, readme if half else "")
            continue
        on += 1
        if on > 1:
            about, mend = "switched on beside another", "take out the settings of one"
            yield Finding(part, Health.BROKEN, about, mend)
            continue
        hook = f"{settings.base_url}/helpdesks/webhooks/{slug}"
        yield Finding(part, Health.OK, f"switched on; its webhook goes to {hook}")
    if not on and not settings.inbox:
        about = "INBOX is off and no help desk is set up: nobody would answer"
        yield Finding("inbox", Health.BROKEN, about, "see docs/helpdesks.md")
