"""Every setting, its default and what it means. ``docs/settings.md`` lists the same."""

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from dotenv import dotenv_values
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kit.errors import Misconfigured

ROOT = Path(__file__).resolve().parent.parent
ENV_FILE = ROOT / ".env"
MIN_IDENTITY_KEY = 32
MIN_REPLIES_TOKEN = 16


class Settings(BaseSettings):
    """Read from the environment, then from ``.env`` in the project's root."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE, extra="ignore", env_ignore_empty=True, frozen=True
    )

    database_url: str | None = Field(
        None, description="PostgreSQL to use; without it an embedded one runs in `var/postgres/`."
    )
    host: str = Field("127.0.0.1", description="Address the web process listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port the web process listens on.")
    public_url: str = Field(
        "",
        description="Where shoppers and providers reach the service; default from host and port.",
    )
    secret_key: str = Field(
        "",
        description="Signs sessions and links. Several, separated by commas, rotate: the first "
        "signs. Without it one is made in `var/secret_key` at first start.",
    )
    rasa_url: str = Field(
        "http://127.0.0.1:5005",
        description="Where Rasa listens; `./wismo up` starts one on a free port and uses that.",
    )
    action_token: str = Field(
        "",
        description="What Rasa must show at the action endpoint. Without it one is made in "
        "`var/action_token` at first start.",
    )
    demo: bool = Field(True, description="Seed the demo shop and serve `/demo` and `/sandbox`.")
    workers_in_web: bool = Field(
        True, description="Run jobs in the web process; off where `wismo worker` runs beside it."
    )
    shop_name: str = Field("Northwind Outfitters", description="The shop's name, for shoppers.")
    shop_country: str = Field(
        "GB",
        pattern="^[A-Z]{2}$",
        description="The shop's country (ISO 3166, two letters): how a phone number without a "
        "country is read.",
    )
    shop_timezone: str = Field(
        "Europe/London", description="Time zone of dates told to shoppers (IANA name)."
    )
    shop_origins: str = Field(
        "",
        description="Web origins that may embed the widget, separated by commas "
        "(`https://shop.example`). Empty: any.",
    )
    shop_colour: str = Field(
        "#1f5c4a",
        pattern="^#[0-9a-fA-F]{6}$",
        description="Colour of the chat's head, button and bubbles; text on it is black or white, "
        "whichever reads better.",
    )
    shop_logo_url: str = Field(
        "",
        pattern=r"^(https://[A-Za-z0-9.-]+(:\d{1,5})?/[^\s\"'<>;,]*)?$",
        description="Address of a square picture for the chat's head (HTTPS). Empty: the first "
        "letter of the shop's name.",
    )
    identity_key: str = Field(
        "",
        description="What the shop's server signs its signed-in shoppers' tokens with "
        "(`docs/widget.md` says how), 32 characters or more. Several, separated by commas, rotate. "
        "Empty: no such tokens are taken.",
    )
    session_hours: int = Field(
        24,
        ge=1,
        description="After so many hours of silence a shopper's next message starts a new talk "
        "with the bot; what was said stays.",
    )
    ip_per_minute: int = Field(
        300,
        ge=1,
        description="Messages one internet address may post to the web chat in a minute; of IPv6 "
        "a /64 is one address.",
    )
    sender_per_minute: int = Field(
        60, ge=1, description="Messages one shopper may send in a minute; more are not kept."
    )
    faq_content: Path = Field(
        ROOT / "faq/content", description="Folder of the FAQ's articles, `<language>/<name>.md`."
    )
    faq_cutoffs: Path = Field(
        ROOT / "faq/cutoffs.yml", description="Last order dates by season, service and destination."
    )
    faq_model: Path | None = Field(
        None,
        description="A BERT-type sentence-transformers folder for the FAQ's search, a multilingual "
        "one say; without it the built-in English model.",
    )
    faq_model_languages: str = Field(
        "en",
        description="Languages that the sentence model reads, separated by commas; the others are "
        "searched by words and letters.",
    )
    shop_file: Path = Field(
        ROOT / "shop.yml",
        description="The shop in one file: what articles may say of it, prices, countries and days "
        "(docs/faq.md), and how the tracking page looks (docs/tracking-page.md).",
    )
    tracking_link_days: int = Field(
        60, ge=1, le=400, description="Days that a link to an order's tracking page holds."
    )
    oidc_issuer: str = Field(
        "",
        description="Identity provider that agents may sign in with (OpenID Connect), as it calls "
        "itself: `https://login.shop.example`.",
    )
    oidc_client_id: str = Field("", description="What the identity provider knows Wismo as.")
    oidc_client_secret: str = Field("", description="The secret that goes with it.")
    oidc_name: str = Field("single sign-on", description="What the sign-in page calls it.")
    oidc_role: str = Field(
        "",
        pattern="^(|agent|lead|editor)$",
        description="Role of who signs in with it for the first time: `agent`, `lead` or "
        "`editor`. Empty: only who has an account may.",
    )
    outbound_allow: str = Field(
        "",
        description="Private networks that addresses in content may lead to, separated by commas "
        "(`10.1.0.0/16`). Empty: the public internet only.",
    )
    shop_hours: Path | None = Field(
        None,
        description="YAML file that says when people answer and how soon (docs/handoff.md). "
        "Without it: at all hours, within four.",
    )
    smtp_url: str = Field(
        "",
        description="SMTP server for e-mail to shoppers: `smtps://user:password@host:465`, or "
        "`smtp://host:587`. Empty: none is sent.",
    )
    mail_from: str = Field(
        "", description="Whom that e-mail comes from: `Northwind Outfitters <help@shop.example>`."
    )
    mail_replies: str = Field(
        "",
        description="Where answers to that e-mail go: an address whose mail your provider brings "
        "to `/mail/replies` (docs/handoff.md). Empty: they are not read.",
    )
    mail_replies_token: str = Field(
        "", description="What your mail provider shows when it brings them: at least 16 characters."
    )
    mailgun_signing_key: str = Field(
        "",
        description="Key that Mailgun signs its webhooks with, where e-mail goes through it: "
        "bounces and complaints are then heeded (docs/notifications.md). Empty: none are taken.",
    )
    whatsapp_templates: Path = Field(
        ROOT / "whatsapp.yml",
        description="Which WhatsApp templates are approved, and under which names "
        "(docs/notifications.md).",
    )
    inbox: bool = Field(
        True,
        description="Serve the inbox at `/inbox`; off where a help desk has all tickets.",
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    var: Path = Field(ROOT / "var", description="Where data, models and logs are kept.")

    @field_validator("shop_timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("not an IANA time zone, such as Europe/London")
        return value

    @field_validator("identity_key")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        if any(len(key) < MIN_IDENTITY_KEY for key in _several(value)):
            raise ValueError(f"each key must have at least {MIN_IDENTITY_KEY} characters")
        return value

    @model_validator(mode="after")
    def _replies_are_guarded(self) -> "Settings":
        if self.mail_replies and "@" not in self.mail_replies:
            raise ValueError("MAIL_REPLIES must be an e-mail address")
        if self.mail_replies and len(self.mail_replies_token) < MIN_REPLIES_TOKEN:
            raise ValueError(f"MAIL_REPLIES_TOKEN needs {MIN_REPLIES_TOKEN} characters or more")
        return self

    @property
    def base_url(self) -> str:
        """The public address, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def local_url(self) -> str:
        """Where this machine's own programs reach the service."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104
        return f"http://{host}:{self.port}"

    @property
    def zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.shop_timezone)

    @property
    def keys(self) -> list[str]:
        """Secret keys, the signing one first."""
        return _several(self.secret_key) or [self._made("secret_key")]

    @property
    def identity_keys(self) -> list[str]:
        """Keys of signed-in shoppers' tokens; none: there are no such tokens."""
        return _several(self.identity_key)

    @property
    def page_identity_key(self) -> str:
        """What the tracking page vouches with for the visitor of a proven order, to the chat."""
        return hmac.new(self.keys[0].encode(), b"wismo.page-identity", hashlib.sha256).hexdigest()

    @property
    def rasa_token(self) -> str:
        """The action endpoint's shared token."""
        return self.action_token or self._made("action_token")

    @property
    def sandbox_token(self) -> str:
        """What controls the sandbox carrier, and signs its webhooks."""
        return self._made("sandbox_token")

    @property
    def demo_channels(self) -> dict[str, str]:
        """What switches channels on in the demo: the console's token."""
        return {"CONSOLE_TOKEN": self._made("console_token")}

    def _made(self, name: str) -> str:
        """A secret of this installation, made at first use."""
        return _made_secret(self.var / name)


def _several(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


@lru_cache
def _made_secret(path: Path) -> str:
    """The secret in a file, made first where there is none; of two makers one wins, for both."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            os.link(part, path)
        part.unlink()
    return path.read_text().strip()


def environment() -> dict[str, str]:
    """Every variable by its name: those of ``.env``, then those of the environment."""
    given = {name: value for name, value in dotenv_values(ENV_FILE).items() if value}
    return given | os.environ


@lru_cache
def settings() -> Settings:
    """The process's settings, read once.

    Raises:
        Misconfigured: One is wrong; the message names it and says what it must be.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()
        )
        raise Misconfigured(f"settings: {wrong}") from error
