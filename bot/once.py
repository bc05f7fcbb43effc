"""What Rasa 3.6 works out anew in each turn and need not: worked out once, as the process starts.

Half of what a turn costs Rasa beside understanding the message (``docs/decisions/``, "where a
turn's time goes"). Each function puts one thing in place of Rasa's own that gives the same answers;
``tests/bot/test_serve.py`` compares the two, and fails when a release makes one of them needless.
"""

from __future__ import annotations

from contextlib import nullcontext
from functools import cache
from typing import Any, Final

# Less than the service leaves an idle connection open (uvicorn: 5 s): else an action would now and
# then be sent into one that is just being closed.
KEEP_SECONDS: Final = 2.0
CASES: Final = 1000


def install() -> None:
    """Put all of it in place, before the model is loaded."""
    compile_action_schema()
    remember_rules()
    remember_kinds_of_event()
    run_graph_in_order()
    keep_connections()


def compile_action_schema() -> None:
    """Check the answers of actions against a schema compiled once, each event against its own.

    Rasa checks each answer with ``jsonschema.validate``, which first checks the schema itself
    against the meta-schema: some 20 ms of a 30 ms turn. What is left tries each event against the
    schemas of all twenty kinds, another 2 ms.
    """
    from jsonschema import Draft7Validator
    from rasa.core.actions.action import RemoteAction

    whole = RemoteAction.action_response_format_spec()
    event = whole["properties"]["events"]["items"]
    frame = Draft7Validator(
        {**whole, "properties": {**whole["properties"], "events": {"type": "array"}}}
    )
    kinds = {
        kind["properties"]["event"]["const"]: Draft7Validator(_both(event, kind))
        for kind in event["oneOf"]
    }
    everything = Draft7Validator(whole)

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        frame.validate(result)
        for one in result.get("events", ()):
            kind = kinds.get(one.get("event")) if isinstance(one, dict) else None
            if kind is None:
                everything.validate(result)  # says what is wrong with it
            else:
                kind.validate(one)
        return True

    RemoteAction._validate_action_result = validate


def _both(event: dict[str, Any], kind: dict[str, Any]) -> dict[str, Any]:
    """The schema of what is an event, and of that kind."""
    return {
        **{name: value for name, value in event.items() if name != "oneOf"},
        **kind,
        "properties": event["properties"] | kind["properties"],
        "required": [*event["required"], *kind.get("required", ())],
    }


def remember_rules() -> None:
    """Remember which rules go with what has happened so far.

    Rasa compares each rule with it field by field, twice for each action. It is made of intents,
    actions and open forms, as no slot steers a rule here: the same few cases come again and again.
    """
    from rasa.core.policies.rule_policy import RulePolicy

    compare = RulePolicy._get_possible_keys

    def possible(
        self: RulePolicy, lookup: dict[str, str], states: list[dict[str, Any]]
    ) -> set[str]:
        known = self.__dict__.setdefault("known_keys", {})
        case = (id(lookup), repr(states))  # its lookups live as long as the policy
        if case not in known:
            if len(known) >= CASES:
                known.clear()
            known[case] = compare(self, lookup, states)
        return known[case]

    RulePolicy._get_possible_keys = possible


def remember_kinds_of_event() -> None:
    """Remember which class an event's name stands for.

    Rasa walks through all subclasses of ``Event`` for each event that it reads: of the memory, and
    of each action's answer.
    """
    from rasa.shared.core.events import Event

    Event.resolve_by_type = staticmethod(cache(Event.resolve_by_type))


def run_graph_in_order() -> None:
    """Run the model's few steps one after the other, without a scheduler.

    Rasa has dask plan and run the graph, four times a turn, on one thread and in this order.
    """
    from rasa.engine.exceptions import GraphRunError
    from rasa.engine.runner.dask import DaskGraphRunner

    def run(
        self: DaskGraphRunner,
        inputs: dict[str, Any] | None = None,
        targets: list[str] | None = None,
    ) -> dict[str, Any]:
        steps, nodes = self._graph_schema.nodes, self._instantiated_nodes
        done = {name: (name, value) for name, value in (inputs or {}).items()}

        def result(name: str) -> Any:
            if name not in steps and name not in done:
                return name  # as dask gives it on: the step says that it has no such input
            if name not in done:
                done[name] = nodes[name](*map(result, steps[name].needs.values()))
            return done[name]

        try:
            return dict(map(result, targets or self._graph_schema.target_names))
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error

    DaskGraphRunner.run = run


def keep_connections() -> None:
    """Keep the connection to the action endpoint open between actions.

    Rasa makes a new client, and with it a new connection, for each call.
    """
    import aiohttp
    from rasa.core.constants import DEFAULT_REQUEST_TIMEOUT
    from rasa.utils.endpoints import EndpointConfig

    def session(self: EndpointConfig) -> nullcontext[aiohttp.ClientSession]:
        kept = self.__dict__.get("kept_session")
        if kept is None:
            kept = self.kept_session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(keepalive_timeout=KEEP_SECONDS),
                auth=aiohttp.BasicAuth(*self.basic_auth.values()) if self.basic_auth else None,
                timeout=aiohttp.ClientTimeout(total=DEFAULT_REQUEST_TIMEOUT),
            )
        return nullcontext(kept)  # whoever leaves it does not close it

    EndpointConfig.session = session
