"""The texts' check: each way to get one wrong is named, where it is and why."""

import shutil
from dataclasses import asdict

import pytest

from kit.errors import BadInput
from service.notifications.messages import texts, whatsapp
from service.notifications.messages.texts import FOLDER, fill, load, shipped, text_of
from service.notifications.news import Trigger


def given(trigger=Trigger.SHIPPED, **changed):
    return asdict(shipped()["en"].texts[trigger]) | changed


def test_every_language_says_everything():
    assert {lang: set(one.texts) for lang, one in shipped().items()} == {
        lang: set(Trigger) for lang in ("de", "en", "es", "fr")
    }
    names = {(frozenset(one.common), frozenset(one.reasons)) for one in shipped().values()}
    assert len(names) == 1


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("line", "", "line: is empty"),
        ("sms", "{shop}: {order} {tomorow} {link}", "sms: there is no variable {tomorow}"),
        ("sms", "{shop}: {order} {day} {link}", "sms: {day} may be unknown"),
        ("sms", "{shop}: {order}", "sms: {link} is missing"),
        ("sms", "Your order {order}: {link}", "sms: {shop} is missing"),
        ("sms", "{shop}[: {shop}] {link", "sms: a bracket is open"),
        ("sms", "{shop} 🚚 {link}", "sms: has a character"),
        ("sms", "{shop} " + "more " * 50 + "{link}", "sms: may take 3 SMS"),
        ("whatsapp", "{shop} has it: {link} here", "whatsapp: WhatsApp's templates neither begin"),
        ("whatsapp", "From {shop} {link} here", "whatsapp: WhatsApp's templates have words"),
        ("whatsapp", "From {shop}[ in {place}]: {link} ok", "whatsapp: WhatsApp's templates have"),
        ("push", "{order} at {link}", "push: the link is not for here"),
        ("subject", "Two\nlines", "subject: is one line"),
        ("emial", "x", "emial: there is no text of this name"),
    ],
)
def test_what_is_wrong_is_named(name, text, why):
    with pytest.raises(BadInput, match=r"^" + why.replace("{", r"\{").replace("[", r"\[")):
        text_of(Trigger.SHIPPED, given(**{name: text}))


def test_what_a_trigger_brings_may_stand_anywhere():
    assert text_of(Trigger.DELAYED, given(Trigger.DELAYED, push="{day}, was {old_day}"))


def test_an_unknown_variable_takes_its_brackets_along():
    text = "Here[ in {place}][, {reason}]."
    assert fill(text, {"place": "Leeds", "reason": ""}) == "Here in Leeds."
    assert fill(text, {"place": "", "reason": "late"}) == "Here, late."
    assert fill(text, {"place": "Leeds", "reason": "late"}, short=True) == "Here."


def test_a_file_with_a_slip_says_which_file_and_trigger(tmp_path):
    folder = tmp_path / "texts"
    shutil.copytree(FOLDER, folder)
    file = folder / "fr.yml"
    file.write_text(file.read_text().replace("{carrier}", "{carier}").replace("quiet:", "quite:"))
    with pytest.raises(BadInput) as error:
        load(folder)
    said = error.value.message
    assert "fr.yml: shipped: sms: there is no variable {carier}" in said
    assert "fr.yml: quite: nothing is called so" in said
    file.write_text("a: [")
    with pytest.raises(BadInput, match=r"fr\.yml: not YAML"):
        load(folder)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: [", "not YAML"),
        ("whatsapp_cloud: {shiped: {}}", "whatsapp_cloud.shiped"),
        ("c: {shipped: {en: {name: a b}}}", "c.shipped.en.name"),
        ("c: {shipped: {en: {name: a, status: maybe}}}", "c.shipped.en.status"),
        ("c: {shipped: {en: {name: a, parameters: [day]}}}", "no variable {day} that is always"),
    ],
)
def test_a_wrong_list_of_templates_sends_nothing_and_says_why(tmp_path, text, why):
    with pytest.raises(BadInput) as error:
        whatsapp.parse(text)
    assert why in error.value.message
    file = tmp_path / "whatsapp.yml"
    file.write_text(text)
    assert whatsapp.approved(file).entry("c", Trigger.SHIPPED, "en") is None


def test_the_form_of_meta_numbers_the_gaps():
    text = shipped()["en"].texts[Trigger.DELIVERED]
    assert whatsapp.for_approval(text).startswith("Order {{1}} from {{2}} was delivered.")
    assert texts.gaps(text.whatsapp) == ("order", "shop", "link")
