"""Passwords: made, chosen, hashed, compared."""

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kit.errors import BadInput

T = TypeVar("T")

MIN_CHARS: Final = 12
MAX_CHARS: Final = 1000
# Without letters that look alike.
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"

# argon2id with RFC 9106's second recommended set: 64 MiB a hash, hence no more than two at once.
_HASHER = PasswordHasher()
_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


def readable(groups: int = 4) -> str:
    """A new secret in groups of four that can be read out over the phone; four have 79 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(groups))


def check_choice(password: str, *, email: str) -> None:
    """Whether a person may choose this password. Length is what counts; no rules about signs.

    Raises:
        BadInput: Too short, too long, or easily guessed; the message is for them.

    Source: NIST SP 800-63B, section 5.1.1.2.
    """
    if not MIN_CHARS <= len(password) <= MAX_CHARS:
        raise BadInput(f"A password has {MIN_CHARS} characters or more.")
    if len(set(password)) < 5:
        raise BadInput("That password is too easily guessed: use more different characters.")
    if email.partition("@")[0].lower() in password.lower():
        raise BadInput("That password holds your e-mail's name. Choose another.")


async def hashed(password: str) -> str:
    """A password's argon2id hash, computed off the event loop."""
    return await _in_thread(_HASHER.hash, password)


async def fits(known: str | None, password: str) -> bool:
    """Whether a password is the hash's; takes as long where there is no hash."""
    against = known if known is not None else await _in_thread(_made_up_hash)
    right = await _in_thread(_fits, against, password[:MAX_CHARS])
    return right and known is not None


def nobodys() -> str:
    """In place of a hash where no password was chosen yet: none fits it, no two are the same."""
    return f"!{secrets.token_hex(8)}"


def fingerprint(password_hash: str) -> str:
    """Of a hash, for a link that must die when the password changes; tells nothing about it."""
    return hashlib.sha256(password_hash.encode()).hexdigest()[:16]


def _fits(known: str, password: str) -> bool:
    try:
        return _HASHER.verify(known, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _made_up_hash() -> str:
    return _HASHER.hash(secrets.token_urlsafe())


async def _in_thread(work: Callable[..., T], *args: str) -> T:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work, *args)
