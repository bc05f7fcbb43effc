"""Every error this product raises on purpose. Nothing else is ever raised deliberately.

AppError
├── Refused            the caller can put it right; never retried        400
│   ├── NotFound           no such parcel, conversation, article          404
│   ├── NotVerified        no such order, or wrong proof: never told apart 403
│   ├── LockedOut          too many failed proofs; wait                   429
│   ├── BadWebhook         body or signature is not the provider's        401
│   ├── BadInput           a file, row or field cannot be read            422
│   └── Misconfigured      a setting is missing or wrong; for operators   500
└── Upstream           somebody else's system failed
    ├── Unavailable        time-out, 5xx, connection: try again           503
    ├── RateLimited        try again after ``retry_after`` seconds        503
    └── Rejected           our key or our request is wrong: do not retry  502
        └── Blocked            the shopper refuses our messages             502
"""

from typing import ClassVar


class AppError(Exception):
    """Base of every deliberate error.

    Args:
        message: For the log and the operator. Never shown to a shopper, never holds a
            secret, a phone number or an address.
    """

    http_status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @property
    def kind(self) -> str:
        """The error's name on the outside: the class name in snake case."""
        name = type(self).__name__
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


class Refused(AppError):
    """The caller can put it right."""

    http_status = 400


class NotFound(Refused):
    """No such thing."""

    http_status = 404


class NotVerified(Refused):
    """The order does not exist or the proof does not fit it; which of the two is never said."""

    http_status = 403


class LockedOut(Refused):
    """Too many failed proofs in this conversation; its look-ups wait."""

    http_status = 429


class BadWebhook(Refused):
    """The body or the signature is not the provider's."""

    http_status = 401


class BadInput(Refused):
    """A file, a row or a field cannot be read; the message says where and what to do."""

    http_status = 422


class Misconfigured(Refused):
    """A setting is missing or wrong; the message names it and how to mend it."""

    http_status = 500


class Upstream(AppError):
    """Somebody else's system failed.

    Args:
        source: Who: ``"ups"``, ``"rasa"``, ``"twilio_sms"``.
        message: What it said, without secrets.
    """

    http_status = 502

    def __init__(self, source: str, message: str) -> None:
        super().__init__(f"{source}: {message}")
        self.source = source


class Unavailable(Upstream):
    """Time-out, 5xx or a broken connection. A retry may help."""

    http_status = 503
    retryable = True


class RateLimited(Upstream):
    """We asked too often.

    Args:
        retry_after: Seconds to wait; ``None`` where the provider did not say.
    """

    http_status = 503
    retryable = True

    def __init__(self, source: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(source, message)
        self.retry_after = retry_after


class Rejected(Upstream):
    """Our key or our request is wrong, or the answer cannot be read. A retry gives the same."""


class Blocked(Rejected):
    """The shopper refuses our messages: opted out at the provider, or blocked us there."""
