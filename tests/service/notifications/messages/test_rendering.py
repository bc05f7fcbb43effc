"""Every message in every language: whole, short enough, from a named shop, never half filled."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.sms import is_gsm7, segments
from kit.shop_file import SHOP
from service.notifications.messages import rendering, texts, whatsapp
from service.notifications.messages.letter import STOP_HERE
from service.notifications.messages.rendering import Shop
from service.notifications.news import Kind, News, Trigger, sample
from service.tracking_page import brand

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LINK = "https://wismo.shop.example/t/10430417-0-20417.apx8.AbCdEfGhIjKlMnOpQrStUvWxYz0"
LANGS = ("de", "en", "es", "fr")


NONE_APPROVED = whatsapp.Approved({})


def shop(name="Northwind Outfitters", approved=NONE_APPROVED, **look):
    looks = brand.dress(brand.Brand(**look), SHOP.parent)
    return Shop(name, "https://wismo.shop.example", looks, texts.shipped(), approved)


def told(news, kind, lang="en", *, by=None, **more):
    news = news if isinstance(news, list) else [news]
    return rendering.render(news, kind, lang, shop=by or shop(), link=LINK, now=NOW, **more)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("trigger", Trigger)
def test_each_message_says_which_shop_and_which_order_and_has_no_gap_left(trigger, lang):
    bare = News(trigger, 1, "#1001", NOW, parcels=2)
    for news in (sample(trigger, now=NOW), bare):
        for kind in Kind:
            message = told(news, kind, lang)
            said = f"{message.subject}\n{message.text}\n{message.html or ''}"
            assert not re.search(r"\{\w+\}|\[|\]|\bNone\b", message.subject + message.text)
            assert "Northwind Outfitters" in said
            assert "#1001" in said
            assert kind is Kind.PUSH or LINK in message.text
        sms = told(news, Kind.SMS, lang)
        assert is_gsm7(sms.text)
        assert sms.segments == segments(sms.text) <= 2
        letter = told(news, Kind.EMAIL, lang)
        assert f'<html lang="{lang}">' in letter.html
        assert STOP_HERE in letter.html
        assert STOP_HERE in letter.text
        assert "prefers-color-scheme:dark" in letter.html.replace(" ", "")


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=80)


@given(name=WORDS.filter(str.strip), place=WORDS, number=WORDS, lang=st.sampled_from(LANGS))
def test_whatever_a_carrier_writes_an_sms_stays_two_and_html_stays_whole(name, place, number, lang):
    news = replace(sample(Trigger.READY_FOR_PICKUP, now=NOW), place=place, items=(name, number))
    assert segments(told(news, Kind.SMS, lang, by=shop(name[:30])).text) <= 4
    letter = told(news, Kind.EMAIL, lang, by=shop(name)).html
    assert letter.count("</script>") == 1
    assert letter.count("<script") == 1
    assert letter.count("<h1") == 1


def test_latin_letters_cost_nothing_and_details_give_way_to_the_link():
    news = replace(sample(Trigger.DELAYED, now=NOW), order_number="#" + "9" * 11, because="damaged")
    message = told(news, Kind.SMS, "fr", by=shop("Café Ça Łódź & Fils de l’Île"))
    assert "Café Ca" not in message.text
    assert message.text.startswith("Café Ça".translate({ord("ç"): "c"})[:4])
    assert is_gsm7(message.text)
    assert message.segments <= 2
    assert LINK in message.text


def test_news_of_one_order_is_one_message_with_the_gravest_in_full():
    both = [sample(Trigger.CUSTOMS, now=NOW), sample(Trigger.OUT_FOR_DELIVERY, now=NOW)]
    assert "Also: comes today." in told(both, Kind.SMS).text
    assert "- Comes today" in told(both, Kind.EMAIL).text
    assert "<li>Comes today</li>" in told(both, Kind.EMAIL).html.replace("\n", "")


def test_tomorrow_is_one_day_and_a_window_is_two():
    news = replace(
        sample(Trigger.ARRIVING_TOMORROW, now=NOW),
        first=date(2026, 11, 23),
        last=date(2026, 11, 24),
    )
    assert "tomorrow, Tue 24 Nov." in told(news, Kind.SMS).text
    moved = replace(news, trigger=Trigger.DELAYED, old_last=date(2026, 11, 22))
    assert "Mon 23 Nov - Tue 24 Nov, was Sun 22 Nov" in told(moved, Kind.SMS).text
    assert "Montag, 23. November bis Dienstag, 24. November" in told(moved, Kind.EMAIL, "de").text


def test_an_e_mail_is_in_the_shops_colours_and_can_be_read():
    html = told(sample(Trigger.DELIVERED), Kind.EMAIL, by=shop(colour="#ffee00")).html
    button = re.search(r'<a class="button"[^>]*style="([^"]*)"', html)[1]
    assert "background:#ffee00" in button.replace(" ", "")
    assert "color:#000000" in button.replace(" ", "")
    assert "&amp;" in told(sample(Trigger.DELIVERED), Kind.EMAIL, by=shop("A & B")).html


YML = """
whatsapp_cloud:
  shipped:
    en: {name: order_shipped, status: approved, language: en_GB}
    de: {name: order_shipped, status: pending}
  delayed:
    en: {name: order_delayed, status: approved, parameters: [order, day]}
"""


def test_only_an_approved_template_is_sent_with_its_own_gaps():
    by = shop(approved=whatsapp.parse(YML))
    where = {"channel": "whatsapp_cloud"}
    shipped = sample(Trigger.SHIPPED, now=NOW)
    template = told(shipped, Kind.WHATSAPP, by=by, **where).template
    assert (template.name, template.language) == ("order_shipped", "en_GB")
    assert template.parameters[:3] == ("#1001", "Northwind Outfitters", "Sandbox Parcels")
    assert template.parameters[-1] == LINK
    delayed = told(sample(Trigger.DELAYED, now=NOW), Kind.WHATSAPP, by=by, **where).template
    assert delayed.parameters == ("#1001", "Tuesday 24 November to Wednesday 25 November")
    assert told(shipped, Kind.WHATSAPP, "de", by=by, **where).template is None
    assert told(shipped, Kind.WHATSAPP, by=by, channel="twilio_whatsapp").template is None
    assert told(shipped, Kind.TELEGRAM, by=by).template is None
    assert rendering.sendable([shipped], "en", shop=by, channel="whatsapp_cloud")
    assert not rendering.sendable([shipped], "de", shop=by, channel="whatsapp_cloud")
