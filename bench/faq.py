"""``./wismo bench faq``: searches on the same articles and questions, their quality and their time.

Questions are those of the blind half of tests/faq/paraphrases.jsonl, for titles alone those of the
development half. Bases of other fields (tests/faq/fields) have one phrasing an article and no
answers. The 5,000 articles are our own files again and again, each with five of its phrasings, in
turn, and a word of its own in each, so their quality is not looked at. Their vectors are kept in
var/faq; the first run makes them in a minute or two.
"""

import argparse
import json
import os
import platform
import re
import resource
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from rank_bm25 import BM25Okapi
from rapidfuzz import fuzz, process
from rich.console import Console
from rich.table import Table
from sklearn.feature_extraction.text import TfidfVectorizer

from faq.base import Reader, Sources, read
from faq.content import CONTENT
from faq.meaning import Vectors, even
from faq.model import Article
from faq.search import Faq
from faq.words import words
from kit.embedding import Embedder

ROOT = Path(__file__).resolve().parents[1]
VECTORS = ROOT / "var/faq/bench.npz"
DAY = date(2026, 11, 23)
ZONE = ZoneInfo("Europe/London")
MANY = 5_000
PHRASINGS = 5  # of a copied article: as many as a shop with thousands of articles may write
Ranked = Callable[[str, date], list[str]]
Row = dict[str, Any]


def main() -> None:
    """Measure each search, one after the other."""
    parser = argparse.ArgumentParser(prog="./wismo bench faq")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--without-5000", action="store_true", help="their vectors take minutes")
    given = parser.parse_args()
    everybody = _lines(ROOT / "tests/faq/paraphrases.jsonl")
    asked, dev = ([r for r in everybody if r["part"] == part] for part in ("blind", "dev"))
    everything = read(Sources(), on=DAY, zone=ZONE).articles
    articles = [article for article in everything if article.lang == "en"]
    titles = [Article(a.slug, a.lang, a.title, window=a.window) for a in articles]
    rows = [
        served(len(articles), asked, "ours"),
        bm25(articles, asked),
        fuzzy(articles, asked),
        ours(titles, dev, "ours, titles alone"),
        tfidf(titles, dev, "character TF-IDF, titles alone"),
    ]
    for file in sorted((ROOT / "tests/faq/fields").glob("*.txt")):
        questions, others = field(file.read_text("utf-8"))
        rows.append(ours(questions, others, f"ours, a {file.stem}'s questions alone"))
        rows.append(tfidf(questions, others, f"character TF-IDF, the {file.stem}'s"))
    if not given.without_5000:
        rows.append(served(MANY, asked, f"ours, {MANY:,} articles", quality=False))
    report = {
        "name": "faq",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "rows": rows,
        "ratios": {
            f"{r['what']}: p50 to ours": round(r["p50_ms"] / rows[0]["p50_ms"], 2) for r in rows[1:]
        },
    }
    if given.json:
        sys.stdout.write(json.dumps(report) + "\n")
        return
    table = Table(*rows[0], box=None, pad_edge=False)
    for row in rows:
        table.add_row(*map(str, row.values()))
    Console(highlight=False).print(table)


def served(many: int, asked: Sequence[Row], what: str, *, quality: bool = True) -> Row:
    """The search over files, as the service runs it.

    ``build_s`` is reading and learning with the vectors at hand, ``rebuild_s`` the same after a
    file has got another title.
    """
    with tempfile.TemporaryDirectory() as folder:
        files = written(Path(folder) / "en", many)
        reader = Reader(Sources(content=Path(folder)), ZONE)
        vectors = _vectors()
        for article in reader.read(DAY).articles:  # makes those that are missing
            vectors.of([even(text) for text in (article.title, *article.questions)])
        vectors.save()
        began = perf_counter()
        base = Reader(Sources(content=Path(folder)), ZONE).read(DAY)
        faq = Faq(base.articles, renderer=base.renderer, vectors=_vectors())
        built = perf_counter() - began
        text = files[0].read_text("utf-8")
        files[0].write_text(re.sub("^title: .*", "title: A new title", text, flags=re.M), "utf-8")
        began = perf_counter()
        base = reader.read(DAY)
        faq.replace(base.articles, base.renderer)
        rebuilt = perf_counter() - began
        files[0].write_text(text, "utf-8")
        base = reader.read(DAY)
        faq.replace(base.articles, base.renderer)
    return measured(what, _ranked(faq), asked, built, rebuilt, quality)


def written(folder: Path, many: int) -> list[Path]:
    """Our own English files, or so many articles made of them."""
    folder.mkdir()
    files = []
    own = sorted((CONTENT / "en").glob("*.md"))
    for at in range(many):
        file, copy = own[at % len(own)], at // len(own)
        text = file.read_text("utf-8")
        if many > len(own):
            text = _copied(text, copy)
        files.append(folder / f"{file.stem}{f'-{copy}' if copy else ''}.md")
        files[-1].write_text(text, "utf-8")
    return files


def _copied(text: str, copy: int) -> str:
    """An article's text with five of its phrasings and a word of its own in each."""
    head, listed, rest = re.split(r"^questions:\n((?:  - .*\n)+)", text, maxsplit=1, flags=re.M)
    phrasings = [line.strip().strip('"') for line in listed.replace("  - ", "").splitlines()]
    turned = (phrasings * 2)[copy * PHRASINGS % len(phrasings) :][:PHRASINGS]
    questions = "".join(f"  - {json.dumps(f'{text} {copy}x')}\n" for text in turned)
    head = re.sub(r"^title: (.*)$", rf"title: \1 {copy}x", head, flags=re.M)
    return f"{head}questions:\n{questions}{rest}"


def ours(articles: Sequence[Article], asked: Sequence[Row], what: str) -> Row:
    """The search over articles that stand in no files."""
    began = perf_counter()
    faq = Faq(articles, vectors=_vectors())
    return measured(what, _ranked(faq), asked, perf_counter() - began, None)


def field(text: str) -> tuple[list[Article], list[Row]]:
    """Articles of a question alone, and what is asked: the lines under it that are set in."""
    articles: list[Article] = []
    asked: list[Row] = []
    for line in text.splitlines():
        if line.startswith(" "):
            asked.append({"text": line.strip(), "article": articles[-1].slug})
        else:
            articles.append(Article(f"a{len(articles)}", "en", line))
    return articles, asked


def _lines(file: Path) -> list[Row]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def _vectors() -> Vectors:
    return Vectors(Embedder(int8=True), VECTORS)


def _ranked(faq: Faq) -> Ranked:
    def ranked(text: str, day: date) -> list[str]:
        return [hit.article.slug for hit in faq.search(text, at=day, limit=len(faq.articles)).hits]

    return ranked


def bm25(articles: Sequence[Article], asked: Sequence[Row]) -> Row:
    """The rank-bm25 package over the same stems, each article one text."""
    began = perf_counter()
    texts = [" ".join((a.title, *a.questions, a.short, a.body)) for a in articles]
    retriever = BM25Okapi([words(text, "en", most=500) for text in texts])
    built = perf_counter() - began

    def ranked(text: str, day: date) -> list[str]:
        scores = retriever.get_scores(words(text, "en"))
        order = [articles[n] for n in (-scores).argsort()]
        return [article.slug for article in order if article.shown(day)]

    return measured("BM25 alone", ranked, asked, built, built)


def fuzzy(articles: Sequence[Article], asked: Sequence[Row]) -> Row:
    """Rapidfuzz to each phrasing, whatever the order of words; the best of an article counts.

    Not its ``WRatio``: that takes a phrasing of one word for a part of every question that has it.
    """
    phrasings = [(a, text) for a in articles for text in (a.title, *a.questions)]
    texts = [text.lower() for _, text in phrasings]

    def ranked(text: str, day: date) -> list[str]:
        found = process.extract(text.lower(), texts, scorer=fuzz.token_sort_ratio, limit=None)
        owners = (phrasings[at][0] for _, _, at in found)
        return list(dict.fromkeys(a.slug for a in owners if a.shown(day)))

    return measured("rapidfuzz alone", ranked, asked, 0.0, 0.0)


def tfidf(titles: Sequence[Article], asked: Sequence[Row], what: str) -> Row:
    """TF-IDF of three to five characters, the measure that public FAQ sets are compared with."""
    began = perf_counter()
    made = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    rows = made.fit_transform([article.title for article in titles])
    built = perf_counter() - began

    def ranked(text: str, day: date) -> list[str]:
        scores = (rows @ made.transform([text]).T).toarray()[:, 0]
        order = [titles[n] for n in (-scores).argsort(kind="stable")]
        return [article.slug for article in order if article.shown(day)]

    return measured(what, ranked, asked, built, built)


def measured(
    what: str,
    ranked: Ranked,
    asked: Sequence[Row],
    built: float,
    rebuilt: float | None,
    quality: bool = True,
) -> Row:
    """Ask every question once."""
    took, ranks = [], []
    for row in asked:
        day = date.fromisoformat(row.get("at") or DAY.isoformat())
        began = perf_counter()
        slugs = ranked(row["text"], day)
        took.append(perf_counter() - began)
        ranks.append(slugs.index(row["article"]) + 1 if row["article"] in slugs else 0)
    return {
        "what": what,
        "p_at_1": round(sum(r == 1 for r in ranks) / len(ranks), 3) if quality else None,
        "mrr": round(sum(1 / r for r in ranks if r) / len(ranks), 3) if quality else None,
        "p50_ms": round(median(took) * 1e3, 2),
        "p95_ms": round(sorted(took)[int(len(took) * 0.95)] * 1e3, 2),
        "build_s": round(built, 2),
        "rebuild_s": None if rebuilt is None else round(rebuilt, 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


if __name__ == "__main__":
    main()
