"""An inbox's history for ``bench/inbox.py``: orders, conversations, tickets and messages, by COPY.

Words are as frequent as in a language (Zipf), so that a search meets common and rare ones.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any, Final

import psycopg

OPEN: Final = 10_000
CLOSED: Final = 40_000
WORDS: Final = 20_000
ONSETS: Final = "b br c ch d dr f g h j k l m n p pr qu r s sh st t tr v w z"
VOWELS: Final = "a e i o u ai ea oo"
COMMON: Final = [
    *("parcel", "order", "delivery", "tracking", "late"),
    *("refund", "address", "carrier", "email", "label"),
]


class Vocabulary:
    """Words as frequent as in a language: the nth is said 1/n as often as the first."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        onsets, vowels = ONSETS.split(), VOWELS.split()
        made = {
            "".join(
                chance.choice(onsets) + chance.choice(vowels) for _ in range(chance.randint(2, 4))
            )
            for _ in range(WORDS)
        }
        self.words = [*COMMON, *sorted(made)]
        self._weights = list(accumulate(1 / (n + 1) for n in range(len(self.words))))

    def say(self, count: int) -> str:
        """A sentence of so many words."""
        return " ".join(self._chance.choices(self.words, cum_weights=self._weights, k=count))

    def number(self, most: int) -> int:
        """Anything from 0 to below ``most``."""
        return self._chance.randrange(most)


def fill(url: str, vocabulary: Vocabulary, messages: int) -> None:
    """Orders, conversations, tickets and messages, by COPY; indexes are there from the start."""
    now = datetime.now(UTC)
    tickets = OPEN + CLOSED

    def orders() -> Iterator[tuple[Any, ...]]:
        for n in range(1, tickets + 1):
            name = vocabulary.say(2).title()
            yield n, f"{n}", f"#{n}", f"shopper{n}@example.com", name, now, "bench", f"{n}"

    def talks() -> Iterator[tuple[Any, ...]]:
        for n in range(1, tickets + 1):
            yield n, "web", f"shopper-{n}", "agent" if n <= OPEN else "bot"

    def cases() -> Iterator[tuple[Any, ...]]:
        for n in range(1, tickets + 1):
            is_open, due = n <= OPEN, now + timedelta(minutes=vocabulary.number(2000) - 200)
            yield (
                n,
                n,
                n,
                ("asked", "damaged", "overdue", "complaint")[n % 4],
                "open" if is_open else "closed",
                n % 4,
                1,
                1 if n % 5 == 0 else None,
                due - timedelta(hours=4) if is_open and n % 3 else None,
                due,
                now - timedelta(hours=5),
                None if is_open else now - timedelta(minutes=n),
            )

    def said() -> Iterator[tuple[Any, ...]]:
        for n in range(1, messages + 1):
            author = ("shopper", "bot", "agent")[n % 3]
            at = now - timedelta(seconds=messages - n)
            words = vocabulary.say(4 + vocabulary.number(20))
            yield n, 1 + vocabulary.number(tickets), author, words, at, "sent"

    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO agents (id, email, name, role, password_hash) "
            "VALUES (1, 'ana@example.com', 'Ana', 'agent', 'x')"
        )
        connection.execute(
            "INSERT INTO agent_sessions (id, agent_id, password_hash, started_at) "
            "VALUES (1, 1, 'x', now())"
        )
        connection.execute("INSERT INTO teams (id, name, everyone) VALUES (1, 'Support', true)")
        for target, rows in (
            ("orders (id, key, number, email, name, placed_at, source, external_id)", orders()),
            ("conversations (id, channel, address, handler)", talks()),
            (
                "tickets (id, conversation_id, order_id, reason, status, priority, team_id, "
                "owner_id, waiting_since, due_at, opened_at, closed_at)",
                cases(),
            ),
            ("messages (id, conversation_id, author, text, at, delivery)", said()),
        ):
            with connection.cursor().copy(f"COPY {target} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        for table in ("orders", "conversations", "tickets", "messages", "agents", "teams"):
            connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
