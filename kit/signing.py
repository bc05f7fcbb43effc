"""Signed, expiring tokens: what a link or a cookie says is what we once wrote."""

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import itsdangerous
from itsdangerous import BadSignature, URLSafeTimedSerializer

from kit.errors import NotVerified


class Signer:
    """Writes and reads tokens of one purpose; a token of another purpose is refused.

    Args:
        keys: Secret keys, newest first: the first signs, all are accepted (rotation).
        purpose: What the tokens are for: ``"chat-session"``, ``"agent-session"``.
    """

    def __init__(self, keys: Sequence[str], purpose: str) -> None:
        self._serializer = URLSafeTimedSerializer(list(reversed(keys)), salt=f"wismo.{purpose}")

    def write(self, value: str) -> str:
        """A token for ``value``, safe in URLs and cookies. The value can be read by its holder."""
        return str(self._serializer.dumps(value))

    def read(self, token: str, *, max_age: int) -> str:
        """The value that was signed.

        Args:
            max_age: Seconds since signing after which the token is refused.

        Raises:
            NotVerified: Altered, of another purpose, or too old; which of them is never said.
        """
        try:
            return str(self._serializer.loads(token, max_age=max_age))
        except (BadSignature, ValueError) as error:
            raise NotVerified("token refused") from error


_HOUR: Final = timedelta(hours=1)
_SUBJECT: Final = re.compile(r"[A-Za-z0-9_~-]+")


class LinkSigner:
    """Writes and reads the tokens of links: short enough for an SMS, with an end of their own.

    A token is ``subject.end.signature``: the subject in clear, the end in hours since 1970 in
    base 36, HMAC-SHA-1 in base64url. Revocation is the caller's: put a number into the subject that
    can be raised.

    Args:
        keys: As for ``Signer``: the first signs, all are accepted.
        purpose: What the links are for; a token of another purpose is refused.
    """

    def __init__(self, keys: Sequence[str], purpose: str) -> None:
        self._signer = itsdangerous.Signer(
            list(reversed(keys)), salt=f"wismo.link.{purpose}", key_derivation="hmac"
        )

    def write(self, subject: str, *, until: datetime) -> str:
        """A token for ``subject``: letters, digits, ``_``, ``~`` and ``-`` alone.

        Args:
            until: Aware. It holds to the end of that hour, so that two links made in one hour are
                the same.

        Raises:
            ValueError: Another character is in the subject.
        """
        if not _SUBJECT.fullmatch(subject):
            raise ValueError("a link's subject is made of letters, digits, _, ~ and -")
        hours = -(-(until - _EPOCH) // _HOUR)
        return self._signer.sign(f"{subject}.{_base36(hours)}").decode()

    def read(self, token: str, *, now: datetime) -> str:
        """The subject that was signed.

        Raises:
            NotVerified: Guessed, altered, of another purpose, or over; which of them is never said.
        """
        try:
            subject, end, signature = token.split(".")
            # Base64 has several ways to write the same bytes; we wrote one.
            padded = signature + "=" * (-len(signature) % 4)
            written = base64.urlsafe_b64encode(base64.urlsafe_b64decode(padded)).rstrip(b"=")
            self._signer.unsign(token)
            over = _EPOCH + int(end, 36) * _HOUR <= now
        except (BadSignature, ValueError, OverflowError, binascii.Error) as error:
            raise NotVerified("link refused") from error
        if over or written.decode() != signature:
            raise NotVerified("link refused")
        return subject


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
