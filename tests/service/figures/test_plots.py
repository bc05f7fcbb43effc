from datetime import date, timedelta
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from service.figures import plots
from service.figures.plots import Series

DAYS = [date(2026, 3, 1) + timedelta(days=n) for n in range(40)]
numbers = st.none() | st.floats(min_value=0, max_value=1e7, allow_subnormal=False)
words = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)


def read(svg):
    root = ElementTree.fromstring(str(svg))  # as XML, which is stricter than HTML
    assert root.get("role") == "img"
    assert root.get("aria-label") is not None
    assert not [each for each in root.iter() if each.get("style") or each.tag == "script"]
    return root


@given(st.lists(st.lists(numbers, min_size=5, max_size=5), min_size=1, max_size=2), words)
def test_every_plot_is_well_formed_and_stays_in_its_frame(rows, title):
    series = [Series(title, values, title) for values in rows]
    for draw in (plots.bars, plots.lines):
        root = read(draw(DAYS[:5], series, title=title))
        assert root.get("aria-label") == title
        for each in root.iter("rect"):
            assert -0.1 <= float(each.get("y")) <= plots.HEIGHT
            assert float(each.get("height")) >= 0
        for each in root.iter("circle"):
            assert -0.1 <= float(each.get("cy")) <= plots.HEIGHT
    names = [title] * len(rows[0])
    read(plots.ranking(names, [value or 0 for value in rows[0]], title=title))


def test_bars_stand_on_each_other():
    root = read(plots.bars(DAYS[:1], [Series("a", [6]), Series("b", [4])], title="t"))
    below, above = root.iter("rect")
    assert float(above.get("y")) + float(above.get("height")) == float(below.get("y"))
    assert [tip.text for tip in root.iter("title")] == ["1 Mar: a 6", "1 Mar: b 4"]


def test_a_line_is_broken_where_there_is_no_number():
    root = read(plots.lines(DAYS[:4], [Series("a", [1, 2, None, 3])], title="t"))
    [path] = root.iter("path")
    assert path.get("d").count("M") == 2


def test_many_days_have_few_labels():
    root = read(plots.bars(DAYS, [Series("a", [1] * 40)], title="t"))
    labels = [each.text for each in root.iter("text") if each.get("text-anchor") == "middle"]
    assert labels[0] == "1 Mar"
    assert len(labels) <= 8
