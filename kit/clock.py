"""The one place that reads the clock. Everywhere else ``now`` is a parameter."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
