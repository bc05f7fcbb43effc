"""What ``bench notify_replay`` holds against what was due, and where each fault stopped."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from bench._notify_histories import History
from tests.support.providers.api import Providers

SHOWN: Final = 20

Row = dict[str, Any]

_TOLD: Final = (
    "SELECT o.phone, m.trigger, g.text FROM milestones m"
    " JOIN orders o ON o.id = m.order_id"
    " JOIN sendings s ON s.notification_id = m.notification_id AND s.state <> 'held'"
    " JOIN messages g ON g.id = s.message_id WHERE m.state = 'told' ORDER BY s.id"
)
# The stations of a message, from the webhook to the provider, as far as each left a trace.
_STATIONS: Final = {
    "webhooks": "SELECT w.id, w.done_at IS NOT NULL AS read, w.error FROM tracking_webhooks w"
    " WHERE convert_from(w.body, 'UTF8')::json -> 'parcel' ->> 'number' = %(number)s ORDER BY w.id",
    "parcel": "SELECT status, detail, fetched_at FROM parcels WHERE number = %(number)s",
    "milestones": "SELECT m.trigger, m.state, m.why, m.noticed_at, m.due_at, m.decided_at"
    " FROM milestones m JOIN orders o ON o.id = m.order_id WHERE o.phone = %(phone)s ORDER BY m.id",
    "sendings": "SELECT s.kind, s.state, s.why, g.delivery, g.error, s.at FROM sendings s"
    " JOIN orders o ON o.id = s.order_id LEFT JOIN messages g ON g.id = s.message_id"
    " WHERE o.phone = %(phone)s ORDER BY s.id",
    "jobs": "SELECT j.task_name, j.status, j.attempts, j.scheduled_at FROM procrastinate_jobs j"
    " WHERE j.args ->> 'person' IN (SELECT m.person FROM milestones m"
    " JOIN orders o ON o.id = m.order_id WHERE o.phone = %(phone)s)"
    " OR j.args ->> 'message_id' IN (SELECT s.message_id::text FROM sendings s"
    " JOIN orders o ON o.id = s.order_id WHERE o.phone = %(phone)s) ORDER BY j.id",
}


@dataclass(slots=True)
class Verdict:
    """How a replay came out.

    Attributes:
        faults: For how many parcels each law was broken.
        problems: The first of them: what each station knows of it.
    """

    faults: Counter[str] = field(default_factory=Counter)
    messages: int = 0
    refused: int = 0
    jobs_ended_badly: int = 0
    problems: list[Row] = field(default_factory=list)


def judge(url: str, api: Providers, told: list[History]) -> Verdict:
    """What the provider took, against what was due."""
    sent: defaultdict[str, list[str]] = defaultdict(list)
    for message in api.sent:
        sent[message.to].append(message.text)
    found = Verdict(messages=len(api.sent), refused=len(api.problems))
    with psycopg.connect(url, row_factory=dict_row) as connection:
        claimed: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for row in connection.execute(_TOLD):
            claimed[row["phone"]].append((row["trigger"], row["text"]))
        bad = connection.execute(
            "SELECT count(*) FROM procrastinate_jobs"
            " WHERE status NOT IN ('todo', 'doing', 'succeeded')"
        ).fetchone()
        found.jobs_ended_badly = bad["count"] if bad else 0
        for one in told:
            texts = sent.get(one.phone, [])
            faults = faults_of(one, texts, claimed.get(one.phone, []))
            found.faults.update(faults)
            if faults and len(found.problems) < SHOWN:
                found.problems.append(traced(connection, one, sorted(faults), texts))
    return found


def faults_of(one: History, sent: list[str], claimed: list[tuple[str, str]]) -> set[str]:
    """The laws that were broken for one parcel.

    Args:
        sent: What the provider took for its number, in order.
        claimed: What our tables say was told: trigger and text, in order.
    """
    triggers = [trigger for trigger, _ in claimed]
    texts = {text for _, text in claimed}
    broken = {
        "due_and_not_told": one.due is not None and one.due not in triggers,
        "sent_twice": len(sent) != len(set(sent)),
        "told_twice": len(triggers) != len(set(triggers)),
        "in_the_outbox_and_not_at_the_provider": bool(texts - set(sent)),
        "at_the_provider_and_not_in_the_outbox": bool(set(sent) - texts),
        "in_quiet_hours": one.asleep and bool(sent),
        "to_opted_out": one.opted_out and bool(sent),
        "stale": one.mode == "stale" and bool(sent),
        "never_true": bool(set(triggers) - one.ever.keys()),
        "after_the_end": any(
            one.ever[trigger] < one.ever[end]
            for end, trigger in combinations(triggers, 2)
            if end.startswith("delivered") and {end, trigger} <= one.ever.keys()
        ),
    }
    return {fault for fault, is_so in broken.items() if is_so}


FAULTS: Final = (
    "due_and_not_told",
    "sent_twice",
    "told_twice",
    "in_the_outbox_and_not_at_the_provider",
    "at_the_provider_and_not_in_the_outbox",
    "in_quiet_hours",
    "to_opted_out",
    "stale",
    "never_true",
    "after_the_end",
)


def traced(
    connection: psycopg.Connection[Row], one: History, faults: list[str], texts: list[str]
) -> Row:
    """What each station knows of a parcel: where its message stopped, or went twice."""
    names = {"number": one.number, "phone": one.phone}
    return {
        "number": one.number,
        "mode": one.mode,
        "arrived": [[code for _, code in scans] for scans in one.arrivals],
        "due": one.due,
        "faults": faults,
        **{
            station: [
                {name: str(value) for name, value in row.items()}
                for row in connection.execute(query, names)
            ]
            for station, query in _STATIONS.items()
        },
        "at_the_provider": texts,
    }
