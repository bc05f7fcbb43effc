"""The evaluation files: what they promise, and that the engine keeps to its figures on them."""

import json
from collections import Counter
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rapidfuzz import fuzz, process

from faq.base import Sources, read
from faq.meaning import ELSEWHERE

HERE = Path(__file__).parent
ROWS = [json.loads(line) for line in (HERE / "paraphrases.jsonl").read_text().splitlines()]
ARTICLES = read(Sources(), on=date(2026, 11, 23), zone=ZoneInfo("Europe/London")).articles
TOO_CLOSE = 85  # of 100, where 100 is equal


def test_each_english_article_has_ten_questions_half_of_them_blind():
    parts = Counter((row["article"], row["part"]) for row in ROWS)
    slugs = {article.slug for article in ARTICLES if article.lang == "en"}
    assert parts == {(slug, part): 5 for slug in slugs for part in ("dev", "blind")}


def test_a_third_is_written_as_people_type_on_a_phone():
    assert sum(row.get("style") == "sms" for row in ROWS) >= 0.3 * len(ROWS)


@pytest.mark.parametrize("name", sorted(file.name for file in HERE.glob("*.jsonl")))
def test_a_question_that_names_a_day_is_asked_while_its_article_is_shown(name):
    shown = {(article.lang, article.slug): article for article in ARTICLES}
    for row in map(json.loads, (HERE / name).read_text().splitlines()):
        article = shown[row.get("lang", "en"), row["article"]]
        assert article.shown(date.fromisoformat(row.get("at", "2026-11-23")), home="GB"), row


def test_no_article_has_a_phrasing_that_is_a_question_of_the_evaluation():
    for file in sorted(HERE.glob("paraphrases*.jsonl")):
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        asked = [row["text"].lower() for row in rows]
        lang = rows[0].get("lang", "en")
        for article in ARTICLES:
            if article.lang != lang:
                continue
            for phrasing in article.questions:
                close = process.extractOne(
                    phrasing.lower(), asked, scorer=fuzz.ratio, score_cutoff=TOO_CLOSE
                )
                assert close is None, (article.slug, phrasing, close)


def test_what_teaches_to_refuse_is_no_question_of_the_evaluation():
    asked = [
        line.lower()
        for file in ("unanswerable.txt", "unanswerable_apart.txt")
        for line in (HERE / file).read_text().splitlines()
    ]
    for line in ELSEWHERE.read_text().splitlines():
        close = process.extractOne(line.lower(), asked, scorer=fuzz.ratio, score_cutoff=TOO_CLOSE)
        assert close is None, (line, close)
