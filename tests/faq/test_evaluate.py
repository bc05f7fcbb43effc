from datetime import date
from zoneinfo import ZoneInfo

import pytest

from faq.base import Sources
from faq.base import read as read_base
from faq.evaluate import Figures, Question, evaluate, read
from faq.search import Faq
from kit.errors import BadInput

AUTUMN = date(2026, 11, 22)


def test_figures_are_means_over_the_right_articles_rank():
    base = read_base(Sources(), on=AUTUMN, zone=ZoneInfo("Europe/London"))
    faq = Faq(base.articles, renderer=base.renderer)
    questions = [
        Question("do you offer gift wrapping", "gift-wrapping"),  # rank 1
        Question("do you offer gift wrapping", "no-such-article"),  # never found
    ]
    hits = faq.search("gift receipt", at=AUTUMN).hits
    questions.append(Question("gift receipt", hits[1].article.slug))  # rank 2
    assert evaluate(faq, questions, at=AUTUMN) == Figures(
        n=3, p_at_1=1 / 3, mrr=(1 + 0 + 1 / 2) / 3, r_at_5=2 / 3
    )


def test_a_line_may_name_its_day_and_language():
    [question] = read(['{"text": "a", "article": "b", "at": "2026-12-01", "lang": "es"}'])
    assert question == Question("a", "b", date(2026, 12, 1), "es")
    with pytest.raises(BadInput, match="line 1"):
        list(read(['{"text": "a", "article": "b", "at": "soon"}']))


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
