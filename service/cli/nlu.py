"""``./wismo nlu``: what the trained model makes of texts, and how often it is right."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kit.errors import BadInput, Refused
from service.cli import setup
from service.cli.steps import step
from service.settings import Settings

GROUPS: Final = {
    **dict.fromkeys(
        (
            "order_status", "delivery_date", "not_shipped_yet", "tracking_not_moving",
            "late_delivery", "delivered_not_received", "missing_item",
            "delivery_attempt_failed", "customs_question", "tracking_number_problem",
        ),
        "wismo",
    ),
    **dict.fromkeys(
        (
            "change_address", "reschedule_delivery", "cancel_order",
            "return_item", "refund_status", "damaged_item", "wrong_item",
        ),
        "delivery_other",
    ),
}  # fmt: skip
"""The group of each intent; every other is of the group ``other``."""

UNSURE: Final = "nlu_fallback"
OUT_OF_SCOPE: Final = "out_of_scope"
_CONFUSIONS: Final = 20

out = Console(highlight=False)


@dataclass(frozen=True, slots=True)
class Line:
    """A text and what it truly is: an intent, or only the group of one."""

    text: str
    kind: Literal["intent", "group"]
    label: str


@dataclass(frozen=True, slots=True)
class Class:
    """How well one label is found, 0 to 1 each; ``n`` lines truly have it."""

    n: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Figures:
    """How often the model is right.

    Attributes:
        n: How many lines.
        accuracy: Share of them that are right.
        macro_f1: Mean F1 of the labels that the lines have.
        classes: By label; also those that were only predicted, with ``n`` 0.
        confusions: (true, predicted, how often), the most frequent first.
    """

    n: int
    accuracy: float
    macro_f1: float
    classes: dict[str, Class]
    confusions: list[tuple[str, str, int]]


def group(intent: str) -> str:
    """The group of an intent."""
    return GROUPS.get(intent, "other")


async def understand(settings: Settings, texts: Sequence[str]) -> list[dict[str, Any]]:
    """Each text as ``{"text", "intent", "confidence", "group", "entities"}``, in their order.

    Sets up the bot and trains it first if it is not. What the bot is unsure of is out of scope.

    Raises:
        Refused: The bot could not be set up or trained, or its process failed.
    """
    if not texts:
        return []
    await setup.set_up_bot(settings.var)
    model = await setup.train(settings.var)
    with step(f"Reading {len(texts)} texts"):
        process = await asyncio.create_subprocess_exec(
            setup.BOT_PYTHON,
            setup.BOT / "nlu.py",
            "--model",
            model,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        written = "".join(json.dumps(text) + "\n" for text in texts)
        answer, complaint = await process.communicate(written.encode())
    if process.returncode:
        log = settings.var / "log" / "nlu.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_bytes(complaint)
        raise Refused(f"the bot could not read the texts; what it said is in {log}")
    return [_named(json.loads(line)) for line in answer.splitlines()]


def read(lines: Iterable[str]) -> Iterator[Line]:
    """Lines of JSON, ``{"text", "intent"}`` or ``{"text", "group"}``; empty ones are skipped.

    Raises:
        BadInput: A line is not that shape; the message names it.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BadInput(f"line {number}: not JSON") from error
        match row:
            case {"text": str(text), "intent": str(intent)}:
                yield Line(text, "intent", intent)
            case {"text": str(text), "group": str(name)}:
                yield Line(text, "group", name)
            case _:
                raise BadInput(f'line {number}: must be {{"text": "…", "intent": "…"}} or "group"')


def compare(lines: Sequence[Line], intents: Sequence[str]) -> Figures:
    """What is true against what was predicted, line by line.

    Args:
        intents: The predicted intent of each line.

    Raises:
        BadInput: There are no lines.
    """
    if not lines:
        raise BadInput("there are no lines to evaluate")
    pairs = Counter(
        (line.label, intent if line.kind == "intent" else group(intent))
        for line, intent in zip(lines, intents, strict=True)
    )
    true: Counter[str] = Counter()
    predicted: Counter[str] = Counter()
    for (label, guess), count in pairs.items():
        true[label] += count
        predicted[guess] += count
    classes = {
        name: _class(pairs[name, name], true[name], predicted[name])
        for name in sorted(true | predicted)
    }
    right = sum(count for (label, guess), count in pairs.items() if label == guess)
    wrong = [(label, guess, n) for (label, guess), n in pairs.items() if label != guess]
    return Figures(
        n=len(lines),
        accuracy=right / len(lines),
        macro_f1=sum(classes[name].f1 for name in true) / len(true),
        classes=classes,
        confusions=sorted(wrong, key=lambda row: (-row[2], row))[:_CONFUSIONS],
    )


def evaluate(settings: Settings, text: str) -> Figures:
    """Figures of a file's lines.

    Raises:
        BadInput: A line cannot be read. Refused: See ``understand``.
    """
    lines = list(read(text.splitlines()))
    parsed = asyncio.run(understand(settings, [line.text for line in lines]))
    return compare(lines, [one["intent"] for one in parsed])


def parse(settings: Settings, text: str) -> list[dict[str, Any]]:
    """What the model makes of each line that is not empty. Raises as ``understand``."""
    texts = [line for line in text.splitlines() if line.strip()]
    return asyncio.run(understand(settings, texts))


def as_json(figures: Figures) -> dict[str, Any]:
    """What ``./wismo nlu eval --json`` prints."""
    return asdict(figures)


def show(figures: Figures) -> None:
    """Print figures for people."""
    table = Table("label", "n", "precision", "recall", "F1", box=None, pad_edge=False)
    for name, one in figures.classes.items():
        cells = (f"{value:.2f}" for value in (one.precision, one.recall, one.f1))
        table.add_row(escape(name), str(one.n), *cells)
    out.print(table)
    if figures.confusions:
        out.print("\nmost often confused, true → predicted:")
        for label, guess, count in figures.confusions:
            out.print(f"  {count:4}  {escape(label)} → {escape(guess)}")
    out.print(
        f"\naccuracy [bold]{figures.accuracy:.3f}[/]  macro F1 [bold]{figures.macro_f1:.3f}[/]"
        f"  of {figures.n} lines"
    )


def _class(right: int, true: int, predicted: int) -> Class:
    precision = right / predicted if predicted else 0.0
    recall = right / true if true else 0.0
    return Class(true, precision, recall, 2 * right / (true + predicted))


def _named(parsed: dict[str, Any]) -> dict[str, Any]:
    intent = parsed["intent"] if parsed["intent"] not in {UNSURE, None} else OUT_OF_SCOPE
    return {
        "text": parsed["text"],
        "intent": intent,
        "confidence": round(parsed["confidence"], 4),
        "group": group(intent),
        "entities": parsed["entities"],
    }
