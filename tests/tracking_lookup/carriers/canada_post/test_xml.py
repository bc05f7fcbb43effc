from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking_lookup.carriers.canada_post import xml


def test_elements_of_one_name_are_a_list_and_names_have_no_space():
    document = (
        '<t:a xmlns:t="urn:x"><t:b> 1 </t:b><t:b>2</t:b><t:b/><c d="e">é &amp; &#233;</c></t:a>'
    )
    assert xml.read(document) == {"a": {"b": ["1", "2", ""], "c": "é & é"}}


@pytest.mark.parametrize(
    "document",
    [
        "",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a>&nothing;</a>",
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        "<!DOCTYPE a><a/>",
        "<a>" * 30 + "</a>" * 30,
    ],
)
def test_what_is_harmful_or_no_xml_is_refused(document):
    with pytest.raises(ValueError, match=r"XML|document type|deep"):
        xml.read(document)


@given(st.text() | st.binary())
def test_any_text_is_read_or_refused(document):
    with suppress(ValueError):
        assert isinstance(xml.read(document), dict)
