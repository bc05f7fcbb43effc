from datetime import date
from pathlib import Path

import pytest

from faq.content import load
from faq.evaluate import Figures, Question, evaluate, read
from faq.search import Faq
from kit.errors import BadInput

AUTUMN = date(2026, 11, 22)


def test_figures_are_means_over_the_right_articles_rank():
    faq = Faq(load()[0])
    questions = [
        Question("do you offer gift wrapping", "gift-wrapping"),  # rank 1
        Question("do you offer gift wrapping", "no-such-article"),  # never found
    ]
    hits = faq.search("gift receipt", at=AUTUMN).hits
    questions.append(Question("gift receipt", hits[1].article.slug))  # rank 2
    assert evaluate(faq, questions, at=AUTUMN) == Figures(
        n=3, p_at_1=1 / 3, mrr=(1 + 0 + 1 / 2) / 3, r_at_5=2 / 3
    )


def test_our_paraphrases_reach_the_promised_quality():
    lines = (Path(__file__).parent / "paraphrases.jsonl").read_text().splitlines()
    figures = evaluate(Faq(load()[0]), list(read(lines)), at=AUTUMN)
    assert figures.p_at_1 >= 0.95
    assert figures.mrr >= 0.97
    assert figures.r_at_5 == 1.0


def test_lines_are_read_and_empty_ones_skipped():
    lines = ['{"text": "refund?", "article": "refund-timing"}', "", " \n"]
    assert list(read(lines)) == [Question("refund?", "refund-timing")]


@pytest.mark.parametrize(
    "line", ["nonsense", "[]", '{"text": "a"}', '{"text": 1, "article": "a"}', '"a"']
)
def test_a_bad_line_is_named(line):
    with pytest.raises(BadInput, match="line 2"):
        list(read(["", line]))


def test_nothing_to_evaluate_is_said():
    with pytest.raises(BadInput):
        evaluate(Faq([]), [], at=AUTUMN)
