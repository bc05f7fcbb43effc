"""Tell the cut-off table: as an answer to a question, as a sentence, as a table."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from babel import Locale

from faq import places, writing
from faq.cutoffs import Calendar, Cutoff, CutoffTable, Names, Season, Service, Words, Zone
from faq.phrases import named, phrases

T = TypeVar("T", Zone, Service, Season)

MOST_OPTIONS: Final = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question names; ``None``: it does not.

    Attributes:
        country: ISO 3166.
    """

    zone: Zone | None
    country: str | None
    service: Service | None


def asked(text: str, calendar: Calendar, lang: str) -> Asked:
    """The destination and the service that a question names, in its language."""
    table = calendar.table
    found = places.countries(text, lang)
    country = found[0] if found else None
    zone = table.zone_of(country) if country else None
    if zone is None:
        zone = _named_in(text, table.zones, lang)
    return Asked(zone, country, _named_in(text, table.services, lang))


def seasons_asked(text: str, table: CutoffTable, lang: str) -> frozenset[str]:
    """The season whose row a question asks for: it names it, and where to or how; else none."""
    season = _named_in(text, table.seasons, lang)
    if season is None or not (
        places.countries(text, lang)
        or _named_in(text, table.zones, lang)
        or _named_in(text, table.services, lang)
    ):
        return frozenset()
    return frozenset(key for key, one in table.seasons.items() if one is season)


def _named_in(text: str, things: Mapping[str, T], lang: str) -> T | None:
    """The thing whose longest name or word stands in a text."""
    heard = f" {_spaced(text)} "
    best, length = None, 0
    for thing in things.values():
        for name in _calls(thing.names, thing.words, lang):
            if len(name) > length and f" {name} " in heard:
                best, length = thing, len(name)
    return best


def _calls(names: Names, words: Words, lang: str) -> list[str]:
    said = [names[lang]] if lang in names else []
    said += words.get(lang, ())
    return [_spaced(name) for name in said]


def _spaced(text: str) -> str:
    """Its words in lower case, one blank between two."""
    return " ".join(re.findall(r"[^\W_]+", places.plain(text)))


@dataclass(frozen=True, slots=True)
class Teller:
    """The table in one language at one moment."""

    calendar: Calendar
    lang: str
    locale: Locale

    def answer(self, key: str, question: str) -> str | None:
        """What the table says to a question.

        Returns:
            ``None`` where the question names neither a destination nor a service, or the season
            has no rows this year: the article's own words are better then.
        """
        rows = self.calendar.rows(key)
        want = asked(question, self.calendar, self.lang)
        if not rows or (want.zone is None and want.service is None):
            return None
        season, say = self.calendar.season(key), phrases(self.lang)
        fitting = [
            row
            for row in rows
            if (want.zone is None or row.zone == want.zone)
            and (want.service is None or row.service == want.service)
        ]
        still = [row for row in fitting if self.calendar.open(row)]
        if still and want.service is not None and want.zone is not None:
            return self._by(still[-1], season, want)
        if still:
            return " ".join(
                [
                    say.by.format(
                        season=named(season.names, self.lang),
                        what=self._what(still[0], want),
                        moment=self._moment(still[0]),
                    ),
                    *self._options(say.also, still[1:MOST_OPTIONS], [], want),
                ]
            )
        if fitting:
            last = fitting[-1]
            sentence = say.passed.format(what=self._what(last, want), moment=self._moment(last))
        else:
            place = self._place(want.zone, want)
            what = say.to.format(service=self._service(want.service), place=place)
            sentence = say.not_offered.format(what=what) if want.service else ""
        zone = want.zone or (fitting[0].zone if fitting else None)
        return " ".join(filter(None, [sentence, *self._instead(key, zone, rows, want)]))

    def summary(self, key: str) -> str:
        """One sentence: what is still possible, to the reader first, the next to end first."""
        home = self.calendar.table.zone_of(self.calendar.market)
        rows = sorted(
            filter(self.calendar.open, self.calendar.rows(key)),
            key=lambda row: (row.zone != home, row.moment),
        )
        nothing = Asked(None, None, None)
        season = named(self.calendar.season(key).names, self.lang)
        if not rows:
            none_left = phrases(self.lang).too_late.format(season=season)
            return " ".join([none_left, *self._instead(key, None, [], nothing, sure=False)])
        first, *others = rows
        by = phrases(self.lang).by.format(
            season=season, what=self._what(first, nothing), moment=self._moment(first)
        )
        also = phrases(self.lang).also
        return " ".join([by, *self._options(also, others[: MOST_OPTIONS - 1], [], nothing)])

    def table(self, key: str) -> str:
        """A Markdown table of all rows; those that have passed are struck out."""
        lines = [list(phrases(self.lang).head), ["---"] * 3]
        for row in self.calendar.rows(key):
            cells = [named(row.zone.names, self.lang), self._service(row.service)]
            cells = [cell[:1].upper() + cell[1:] for cell in cells] + [self._moment(row)]
            passed = not self.calendar.open(row)
            lines.append([f"~~{cell}~~" for cell in cells] if passed else cells)
        return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)

    def _by(self, row: Cutoff, season: Season, want: Asked) -> str:
        return phrases(self.lang).by.format(
            season=named(season.names, self.lang),
            what=self._what(row, want),
            moment=self._moment(row),
        )

    def _instead(
        self,
        key: str,
        zone: Zone | None,
        rows: Sequence[Cutoff],
        want: Asked,
        *,
        sure: bool = True,
    ) -> list[str]:
        """What is left for a zone: other services, then what needs no delivery."""
        say = phrases(self.lang)
        others = [row for row in rows if row.zone == zone and self.calendar.open(row)]
        instead = []
        for one, until in self.calendar.instead(key, zone):
            what = named(one.names, self.lang)
            if until is not None:
                ends = writing.moment(until, self.locale, read_on=self.calendar.now.date())
                what = say.until.format(what=what, moment=ends)
            instead.append(what)
        found = self._options(say.possible, others[:MOST_OPTIONS], instead, want)
        season = named(self.calendar.season(key).names, self.lang)
        return found or ([say.too_late.format(season=season)] if sure else [])

    def _options(
        self, said: str, rows: Sequence[Cutoff], instead: Sequence[str], want: Asked
    ) -> list[str]:
        say = phrases(self.lang)
        options = [
            say.option.format(what=self._what(row, want), moment=self._moment(row)) for row in rows
        ]
        options += instead
        if not options:
            return []
        return [said.format(options="; ".join(options[:MOST_OPTIONS]))]

    def _what(self, row: Cutoff, want: Asked) -> str:
        place = self._place(row.zone, want)
        return phrases(self.lang).to.format(service=self._service(row.service), place=place)

    def _place(self, zone: Zone | None, want: Asked) -> str:
        if want.country is not None and (zone is None or zone == want.zone):
            return writing.country(want.country, self.locale)
        return named(zone.names, self.lang) if zone else ""

    def _service(self, service: Service | None) -> str:
        return named(service.names, self.lang) if service else ""

    def _moment(self, row: Cutoff) -> str:
        return writing.moment(row.moment, self.locale, read_on=self.calendar.now.date())
