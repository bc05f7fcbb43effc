"""A shop's own server: what it signs for the shoppers who are signed in there."""

import base64
import hashlib
import hmac
import json
import time

IDENTITY_KEY = "the key that the shop-s own server signs with"


def identity_token(key, **said):
    """As docs/widget.md shows it; good for ten minutes unless ``exp`` says otherwise."""
    said = {"exp": int(time.time()) + 600, **said}
    payload = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
    return f"{payload}.{hmac.new(key.encode(), payload.encode(), hashlib.sha256).hexdigest()}"
