import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from kit.sheets import sheet


@given(
    st.lists(st.text(alphabet=st.characters(exclude_characters="\0", codec="utf-8")), min_size=1)
)
def test_no_text_is_run_and_none_is_lost(cells):
    text = sheet(["a"] * len(cells), [cells])
    assert text.startswith("\ufeff")
    [_, row] = csv.reader(io.StringIO(text[1:], newline=""))
    for given_, read in zip(cells, row, strict=True):
        assert read.removeprefix("'") == given_.removeprefix("'")
        assert not read.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_numbers_stay_numbers_and_nothing_stays_empty():
    assert sheet(["a", "b", "c"], [[-3, None, 0.5]]) == "\ufeffa,b,c\r\n-3,,0.5\r\n"
