"""What a provider's error code means. Each provider's table of codes has rows of this shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from integrations.messages import Receipt, State
from kit.errors import Blocked, RateLimited, Rejected, Unavailable, Upstream


class Outlook(StrEnum):
    """Whether the same message may get through another time."""

    NEVER = "never"
    LATER = "later"  # a passing trouble
    SLOWER = "slower"  # we send too fast
    REFUSED = "refused"  # the shopper does not want our messages


@dataclass(frozen=True, slots=True)
class Failure:
    """One row.

    Attributes:
        words: For agents: what happened and, where it can be mended, how. No code, no full stop.
    """

    outlook: Outlook
    words: str

    def error(self, source: str, code: str, *, retry_after: float | None = None) -> Upstream:
        """What ``Channel.send`` raises.

        Args:
            source: The channel's slug.
            code: The provider's.
            retry_after: Seconds, where the provider said how long to wait.
        """
        said = f"{self.words} ({code})"
        match self.outlook:
            case Outlook.LATER:
                return Unavailable(source, said)
            case Outlook.SLOWER:
                return RateLimited(source, said, retry_after)
            case Outlook.REFUSED:
                return Blocked(source, said)
            case Outlook.NEVER:
                return Rejected(source, said)

    def receipt(self, channel: str, provider_id: str, code: str, *, at: datetime) -> Receipt:
        """What a delivery report with this code says."""
        return Receipt(
            channel=channel,
            provider_id=provider_id,
            state=State.FAILED,
            at=at,
            code=code,
            words=self.words,
            blocked=self.outlook is Outlook.REFUSED,
            retryable=self.outlook in {Outlook.LATER, Outlook.SLOWER},
        )


# A code without a row is not guessed to be a passing trouble: people see the code and decide.
UNKNOWN: Final = Failure(
    Outlook.NEVER, "The provider did not deliver it and gave a code we do not know"
)


def failure_of(table: Mapping[str, Failure], code: str) -> Failure:
    """The row of a code; a code without one is final, and said to be unknown."""
    return table.get(code, UNKNOWN)
