"""``./wismo bench faq``: searches on the same articles and questions, their quality and their time.

Questions are those of the blind half of tests/faq/paraphrases.jsonl, for titles alone those of the
development half. The 5,000 articles are our own with a word of their own added to each phrasing of
each copy and without answers, so their quality is not looked at.
"""

import argparse
import json
import os
import platform
import resource
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
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

from faq.base import Sources, read
from faq.meaning import Vectors
from faq.model import Article
from faq.search import Faq
from faq.words import words
from kit.embedding import Embedder

ROOT = Path(__file__).resolve().parents[1]
DAY = date(2026, 11, 23)
PHRASINGS = 5  # of a copied article: as many as a shop with thousands of articles may write
Ranked = Callable[[str, date], list[str]]


def main() -> None:
    """Measure each search, one after the other."""
    parser = argparse.ArgumentParser(prog="./wismo bench faq")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--without-5000", action="store_true", help="they take minutes to learn")
    given = parser.parse_args()
    lines = (ROOT / "tests/faq/paraphrases.jsonl").read_text("utf-8").splitlines()
    everybody = [json.loads(line) for line in lines]
    asked, dev = ([r for r in everybody if r["part"] == part] for part in ("blind", "dev"))
    everything = read(Sources(), on=DAY, zone=ZoneInfo("Europe/London")).articles
    articles = [article for article in everything if article.lang == "en"]
    titles = [Article(a.slug, a.lang, a.title, window=a.window) for a in articles]
    rows = [
        ours(articles, asked, "ours"),
        bm25(articles, asked),
        fuzzy(articles, asked),
        ours(titles, dev, "ours, titles alone"),
        tfidf(titles, dev),
    ]
    if not given.without_5000:
        copies = [
            replace(
                a,
                slug=f"{a.slug}-{n}",
                title=f"{a.title} {n}x",
                questions=tuple(f"{question} {n}x" for question in a.questions[:PHRASINGS]),
                short="",
                body="",
            )
            for n in range(5000 // len(articles) + 1)
            for a in articles
        ][:5000]
        rows.append(ours(copies, asked, "ours, 5,000 articles", quality=False))
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


def ours(
    articles: Sequence[Article], asked: Sequence[dict[str, Any]], what: str, *, quality: bool = True
) -> dict[str, Any]:
    """The search as the service runs it; ``rebuild_s`` is after a change of one article."""
    began = perf_counter()
    vectors = Vectors(Embedder(int8=True))
    faq = Faq(articles, vectors=vectors)
    built = perf_counter() - began
    began = perf_counter()
    faq.replace([replace(articles[0], title="A new title"), *articles[1:]])
    rebuilt = perf_counter() - began
    faq.replace(articles)

    def ranked(text: str, day: date) -> list[str]:
        return [hit.article.slug for hit in faq.search(text, at=day, limit=len(articles)).hits]

    return measured(what, ranked, asked, built, rebuilt, quality)


def bm25(articles: Sequence[Article], asked: Sequence[dict[str, Any]]) -> dict[str, Any]:
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


def fuzzy(articles: Sequence[Article], asked: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Rapidfuzz's WRatio to each phrasing, the best of an article counting."""
    phrasings = [(a, text) for a in articles for text in (a.title, *a.questions)]
    texts = [text.lower() for _, text in phrasings]

    def ranked(text: str, day: date) -> list[str]:
        found = process.extract(text.lower(), texts, scorer=fuzz.WRatio, limit=None)
        owners = (phrasings[at][0] for _, _, at in found)
        return list(dict.fromkeys(a.slug for a in owners if a.shown(day)))

    return measured("rapidfuzz alone", ranked, asked, 0.0, 0.0)


def tfidf(titles: Sequence[Article], asked: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """TF-IDF of three to five characters, the measure that public FAQ sets are compared with."""
    began = perf_counter()
    made = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    rows = made.fit_transform([article.title for article in titles])
    built = perf_counter() - began

    def ranked(text: str, day: date) -> list[str]:
        scores = (rows @ made.transform([text]).T).toarray()[:, 0]
        order = [titles[n] for n in (-scores).argsort(kind="stable")]
        return [article.slug for article in order if article.shown(day)]

    return measured("character TF-IDF, titles alone", ranked, asked, built, built)


def measured(
    what: str,
    ranked: Ranked,
    asked: Sequence[dict[str, Any]],
    built: float,
    rebuilt: float,
    quality: bool = True,
) -> dict[str, Any]:
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
        "rebuild_s": round(rebuilt, 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


if __name__ == "__main__":
    main()
