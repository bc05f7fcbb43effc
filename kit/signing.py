"""Signed, expiring tokens: what a link or a cookie says is what we once wrote."""

from collections.abc import Sequence

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
