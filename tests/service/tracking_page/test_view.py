"""What the page says, without a service around it."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.errors import BadInput
from service.tracking_page import brand as brands
from service.tracking_page import colour as colours
from service.tracking_page.brand import Brand
from service.tracking_page.pdf import as_pdf
from service.tracking_page.situation import situation, worry_at
from service.tracking_page.view import OrderKnown, ParcelKnown, order_page
from service.tracking_page.way import HEIGHT, WIDTH, way
from service.tracking_page.words import FOLDER, LANGUAGES, choose
from tracking_lookup.contract import Known, Lookup, Window
from tracking_lookup.model import Detail, Status, Tracking, TrackingEvent
from tracking_lookup.truth import assess

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/London")
EN = LANGUAGES["en"]


def scan(hours, status=Status.IN_TRANSIT, place="Leeds, GB", detail=None, **more):
    return TrackingEvent(NOW - timedelta(hours=hours), status, detail, place, **more)


def known(*events, status=None, **more):
    tracking = Tracking("sandbox", "SBX1", status or events[0].status, events[0].detail, events)
    parcel = Known("sandbox", "SBX1", tracking, fetched_at=NOW, **more)
    return Lookup(parcel, assess(parcel, now=NOW))


def page(lookup, words=EN, was=(), brand=None):
    parcel = ParcelKnown("SBX1", "Sandbox", lookup, was)
    order = OrderKnown("#1", NOW - timedelta(days=3), False, None, (), (parcel,))
    return order_page(order, brand or Brand(), words, zone=ZONE, now=NOW)


EVERY = st.builds(
    lambda steps, disputed: known(
        *(
            scan(hours, status, place, detail, text=text)
            for hours, status, place, detail, text in steps
        ),
        disputed_at=disputed,
    ),
    st.lists(
        st.tuples(
            st.integers(0, 1500),
            st.sampled_from(Status),
            st.sampled_from(["Leeds, GB", "Sydney, AU", "Łódź, PL", "Nowhere", None]),
            st.sampled_from([None, *Detail]),
            st.text(max_size=20),
        ),
        min_size=1,
        max_size=8,
    ).map(lambda steps: sorted(steps, key=lambda step: step[0])),
    st.sampled_from([None, NOW]),
)


@settings(max_examples=40)
@given(lookup=EVERY, words=st.sampled_from(list(LANGUAGES.values())))
def test_every_parcel_has_something_to_say_in_every_language(lookup, words):
    view = page(lookup, words)
    [parcel] = view.parcels
    assert parcel.head
    assert parcel.next
    assert not re.search(r"[{}]", parcel.head + parcel.next + parcel.worry)
    assert worry_at(lookup.known, situation(lookup), now=NOW) >= NOW
    assert len([step for step in parcel.steps if step.state == "now"]) <= 1
    assert as_pdf(view, words, shop="Łódź & Co", colour="#1f5c4a", zone=ZONE, now=NOW)


@settings(max_examples=40)
@given(lookup=EVERY)
def test_a_way_stays_on_its_paper_and_its_labels_apart(lookup):
    drawn = way(lookup.known.tracking.events)
    if drawn is None:
        return
    for stop in drawn.stops:
        assert 0 < stop.x < WIDTH
        assert 0 < stop.y < HEIGHT
    labels = [(stop.label_x, stop.label_y) for stop in drawn.stops if stop.label]
    assert len(labels) == len(set(labels))


def test_catalogues_have_the_same_texts_and_variables():
    loaded = {path.stem: json.loads(path.read_text()) for path in FOLDER.glob("*.json")}
    assert {"en", "de", "es", "fr"} <= loaded.keys()
    english = loaded["en"]
    for lang, texts in loaded.items():
        assert texts.keys() == english.keys(), lang
        for key, text in texts.items():
            assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", english[key]))


@pytest.mark.parametrize("word", [*Status, *Detail])
def test_every_status_and_detail_has_a_word(word):
    kind = "status" if isinstance(word, Status) else "detail"
    assert f"{kind}.{word}" in EN.by_key or word is Detail.OTHER


def test_the_language_is_the_first_that_there_is():
    assert choose("", "xx, es-MX;q=0.9, de").lang == "es"
    assert choose("fr", "de").lang == "fr"
    assert choose("nonsense", "").lang == "en"


def test_scans_are_told_in_the_time_of_their_place():
    at = TrackingEvent(datetime(2026, 7, 1, 6, tzinfo=UTC), Status.IN_TRANSIT, place="Tokyo, JP")
    nowhere = TrackingEvent(datetime(2026, 7, 1, 6, tzinfo=UTC), Status.IN_TRANSIT)
    [parcel] = page(known(at, nowhere)).parcels
    assert [event.time for event in parcel.events] == ["15:00", "07:00"]
    unsure = TrackingEvent(NOW, Status.IN_TRANSIT, local_time_only=True)
    [parcel] = page(known(unsure)).parcels
    assert (parcel.events[0].iso, parcel.events[0].time) == (None, "12:00")


def test_a_label_is_never_called_on_its_way():
    [parcel] = page(known(scan(120, Status.LABEL_CREATED))).parcels
    assert parcel.head == "Packed, not yet with Sandbox"
    assert [step.state for step in parcel.steps] == ["done", "now", "open", "open", "open"]


def test_the_date_is_told_by_its_days_and_those_before_once():
    thursday, friday = date(2026, 11, 26), date(2026, 11, 27)
    was = ((thursday, thursday), (friday, friday), (thursday, friday), (thursday, thursday))
    ours = Window(friday, friday, friday, "")
    [parcel] = page(known(scan(2), window=ours), was=was).parcels
    assert parcel.expected == "Friday 27 November"
    assert parcel.was == (
        "Thursday 26 November",
        "Thursday 26 November to Friday 27 November",
    )


def test_the_carriers_hours_come_before_our_days_and_those_before_its_day():
    midnight = datetime(2026, 11, 27, tzinfo=UTC)
    hours = (midnight + timedelta(hours=13), midnight + timedelta(hours=15))
    ours = Window(date(2026, 11, 28), date(2026, 11, 30), date(2026, 12, 1), "")
    for promised, window, told in (
        (hours, ours, "Friday 27 November, 13:00–15:00"),
        ((None, hours[1]), ours, "Saturday 28 November to Monday 30 November"),
        ((midnight - timedelta(days=1), midnight), None, "Thursday 26 November"),
    ):
        found = known(scan(2), window=window)
        tracking = replace(found.known.tracking, promised_from=promised[0], promised_to=promised[1])
        found = replace(found, known=replace(found.known, tracking=tracking))
        [parcel] = page(found).parcels
        assert parcel.expected == told


def test_where_it_waits_is_told_as_the_shop_knows_it():
    brand = brands.parse(
        "page: {pickup_points: [{place: 'leeds, gb', name: Corner Shop, hours: ['Mon 9 to 5']}]}"
    )
    waiting = known(scan(2, Status.AVAILABLE_FOR_PICKUP, detail=Detail.AT_PICKUP_POINT))
    [parcel] = page(waiting, brand=brand).parcels
    assert parcel.collect.name == "Corner Shop"
    assert parcel.collect.hours == ("Mon 9 to 5",)
    [plain] = page(waiting).parcels
    assert (plain.collect.name, plain.collect.hours) == ("Leeds, GB", ())


@given(st.integers(0, 0xFFFFFF), st.integers(0, 0xFFFFFF))
def test_whatever_colours_a_shop_has_its_page_can_be_read(light, dark):
    brand = Brand(colour=f"#{light:06x}", colour_dark=f"#{dark:06x}")
    css = brands.dress(brand, FOLDER).css
    for scheme, back in zip(css.split("@media"), ("#ffffff", "#1a201d"), strict=True):
        named = dict(re.findall(r"--([\w-]+):(#\w{6})", scheme))
        for ink, ground in (
            (named["accent"], back),
            (named["accent"], named["accent-soft"]),
            (named["accent-text"], named["accent"]),
            (named["brand-text"], named["brand"]),
        ):
            assert colours.contrast(colours.parse(ink), colours.parse(ground)) >= 4.5


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("page: {colour: red}", "page.colour: String should match"),
        ("page: {logo: ../secret.svg}", "page.logo: "),
        ("page: {folder: ../elsewhere}", "page.folder: "),
        ("page: {home: 'javascript:alert(1)'}", "page.home: "),
        ("page: {colours: '#ffffff'}", "page.colours: Extra inputs"),
        ("a: [", "line 1"),
        ("- a", "names and values"),
        ("page: plain", "page: must be a list of names and values"),
        ("page: {font: {family: 'x;}', file: a.woff2}}", "page.font.family"),
    ],
)
def test_what_is_wrong_with_a_shops_file_is_said(text, problem):
    with pytest.raises(BadInput) as error:
        brands.parse(text)
    assert problem in str(error.value)


def test_a_broken_file_leaves_the_plain_look(tmp_path):
    file = tmp_path / "shop.yml"
    file.write_text("page: {colour: '#123456'}")
    assert brands.look(file).brand.colour == "#123456"
    file.write_text("page: {colour: '#12345'}")
    assert brands.look(file).brand == Brand()


def test_links_into_the_shop_carry_the_campaign_and_keep_their_own():
    brand = brands.parse("page: {campaign: {name: winter}}")
    tagged = brand.tagged("https://shop.example/p?size=m&utm_source=own#x", "product-1")
    assert tagged.startswith("https://shop.example/p?")
    assert "utm_source=own" in tagged
    assert "utm_campaign=winter" in tagged
    assert "utm_content=product-1" in tagged
    assert tagged.endswith("&size=m#x")
