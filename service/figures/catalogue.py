"""Which figures there are: what each counts, its query, and how it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

_SQL = Path(__file__).parent / "sql"


class Shape(StrEnum):
    """How a figure is drawn."""

    BARS = "bars"  # per day, the columns on top of each other
    LINES = "lines"  # per day, one line a column
    RANKING = "ranking"  # per kind, the largest first


@dataclass(frozen=True, slots=True)
class Column:
    """One number of a figure.

    Attributes:
        name: The query's column.
        words: For people; the unit stands in it.
        unit: Written behind the number: ``"%"``, ``" min"``.
    """

    name: str
    words: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    Its query gives a row for each day and channel, and rows in which ``day``, ``channel`` or both
    are NULL: for all of them together, since medians and shares cannot be added up.

    Attributes:
        slug: Its name in addresses; the query is ``sql/<slug>.sql``.
        words: What is counted, and what is not.
        columns: The numbers, the most important first.
        drawn: Names of the columns that are plotted.
        kind: The column that tells rows of the same day apart; ``None`` where there is one a day.
    """

    slug: str
    title: str
    words: str
    columns: Sequence[Column]
    drawn: Sequence[str]
    shape: Shape
    kind: Column | None = None

    @property
    def sql(self) -> str:
        """The query as it is run and shown."""
        return (_SQL / f"{self.slug}.sql").read_text()


FIGURES: Final[Sequence[Figure]] = (
    Figure(
        slug="answered",
        title="Answered without a person",
        words="Conversations that the bot answered and nobody had to take over, less those whose "
        "shopper was back within seven days on any channel. The share is of all conversations that "
        "are older than seven days; of the others nobody can know yet.",
        columns=(
            Column("share", "Answered for good", "%"),
            Column("conversations", "Conversations"),
            Column("without_a_person", "Without a person"),
            Column("came_back", "Of these, back within 7 days"),
            Column("handed_over", "Handed over"),
            Column("settled", "Older than 7 days"),
        ),
        drawn=("without_a_person", "handed_over"),
        shape=Shape.BARS,
    ),
    Figure(
        slug="handoffs",
        title="Handoffs by reason",
        words="Why a person was needed: the gravest reason of each ticket.",
        columns=(Column("handoffs", "Handoffs"),),
        drawn=("handoffs",),
        shape=Shape.RANKING,
        kind=Column("reason", "Reason"),
    ),
    Figure(
        slug="times",
        title="First answer and resolution",
        words="How long shoppers wait after the handoff, for an agent's first answer and for the "
        "closing, nights and weekends included. Half of them wait no longer than the median, nine "
        "in ten no longer than the 90th percentile.",
        columns=(
            Column("first_answer_median", "First answer, median", " min"),
            Column("first_answer_p90", "First answer, 90th percentile", " min"),
            Column("resolution_median", "Resolution, median", " h"),
            Column("resolution_p90", "Resolution, 90th percentile", " h"),
            Column("handoffs", "Handoffs"),
            Column("without_answer", "Still without an answer"),
        ),
        drawn=("first_answer_median", "first_answer_p90"),
        shape=Shape.LINES,
    ),
    Figure(
        slug="breaches",
        title="Broken promises",
        words="Handoffs in which the time that the shopper was promised passed without an answer.",
        columns=(
            Column("share", "Of all handoffs", "%"),
            Column("breaches", "Broken promises"),
            Column("handoffs", "Handoffs"),
        ),
        drawn=("breaches",),
        shape=Shape.BARS,
    ),
    Figure(
        slug="ratings",
        title="Ratings",
        words="What shoppers gave, 1 to 5, when their ticket was closed.",
        columns=(
            Column("mean", "Mean"),
            Column("given", "Given"),
            Column("asked", "Asked for"),
            Column("share", "Of those asked", "%"),
            Column("good", "4 or 5"),
            Column("bad", "1 or 2"),
        ),
        drawn=("good", "bad"),
        shape=Shape.BARS,
    ),
    Figure(
        slug="wrong",
        title="Wrong answers",
        words="Answers of the bot that agents called wrong, by what it took the question for.",
        columns=(Column("wrong_answers", "Wrong"), Column("mended", "Mended")),
        drawn=("wrong_answers",),
        shape=Shape.RANKING,
        kind=Column("about", "Taken for"),
    ),
)

BY_SLUG: Final = {figure.slug: figure for figure in FIGURES}
