"""The key that push services know this installation by (VAPID, RFC 8292)."""

import base64
import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from service.settings import Settings


def key_file(settings: Settings) -> Path:
    """The private key, PKCS 8 in PEM; made at first use, and kept: a new one ends all consents."""
    path = settings.var / "vapid_private.pem"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        part = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(pem)
        with suppress(FileExistsError):  # of two makers one wins, for both
            os.link(part, path)
        part.unlink()
    return path


def public_key(settings: Settings) -> str:
    """What a browser subscribes with: the uncompressed point, base64url without ``=``."""
    return _public_key(key_file(settings))


@lru_cache
def _public_key(path: Path) -> str:
    private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    point = private.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()
