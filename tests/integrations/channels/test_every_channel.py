"""Every channel's folder has one shape; copy one, run this, do what it says."""

import copy
import json
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.contract import ChannelManifest
from integrations.failures import Failure
from integrations.messages import InboundMessage, Receipt, Signal
from kit.errors import BadWebhook
from service.channels import manifest_of, slugs
from tests.integrations.channels.reading import NUMBER, PUBLIC_URL, raw, read, reader
from tests.support.providers.shoppers import SLUGS, shopper

ROOT = Path(__file__).parents[3]
NOW = datetime.now(UTC)


def ana(slug):
    return shopper(slug, PUBLIC_URL, NUMBER)


def test_the_providers_are_all_here():
    assert set(SLUGS) <= set(slugs())


@pytest.mark.parametrize("slug", slugs())
def test_shape(slug):
    folder = ROOT / "integrations/channels" / slug
    manifest = manifest_of(slug)
    assert isinstance(manifest, ChannelManifest)
    assert manifest.slug == slug
    assert manifest.name
    assert manifest.network
    assert manifest.docs.startswith("https://")
    readme = (folder / "README.md").read_text()
    for setting in manifest.settings:
        assert setting.env in readme, "say how to get a key, and what the limits are"
        assert setting.about.endswith(".")
    if manifest.settings:
        assert "## Limits" in readme
        assert f"/channels/{slug}" in readme or "setWebhook" in readme
        assert manifest.webhook


@pytest.mark.parametrize("slug", SLUGS)
def test_a_message_is_read_once_it_is_proved(slug):
    person = ana(slug)
    [message] = read(reader(slug), person.says("  where is my order 1001?\x00 "))
    assert message.text == "where is my order 1001?"
    assert message.channel == slug
    assert message.external_id
    assert message.received_at.tzinfo
    assert message.proved_phone == (NUMBER if manifest_of(slug).proves_phone else None)
    if manifest_of(slug).proves_phone:
        assert message.address == NUMBER
    again = person.says("and 1002?")
    assert read(reader(slug), again) != [message]


@pytest.mark.parametrize("slug", SLUGS)
def test_a_pressed_button_says_its_payload_and_shows_its_title(slug):
    person = ana(slug)
    if slug == "twilio_whatsapp":
        post = person.says("Talk to a human", ButtonPayload="/human", ButtonText="Talk to a human")
    elif slug == "twilio_sms":
        return  # no buttons on SMS: they are written as numbers
    else:
        post = person.presses("Talk to a human", "/human")
    [message] = read(reader(slug), post)
    assert (message.text, message.display) == ("/human", "Talk to a human")


@pytest.mark.parametrize("slug", SLUGS)
def test_a_picture_comes_with_its_words(slug):
    person = ana(slug)
    [alone] = read(reader(slug), person.sends_picture("https://api.twilio.com"))
    assert (alone.kind, alone.text) == ("media", "")
    [told] = read(reader(slug), person.sends_picture("https://api.twilio.com", "it is broken"))
    assert (told.kind, told.text) == ("text", "it is broken")
    [file] = told.attachments
    assert file.content_type.startswith("image/")


@pytest.mark.parametrize("slug", SLUGS)
def test_what_is_not_the_providers_is_refused(slug):
    """A changed byte, no header, another address, another account's key, another account."""
    person, channel = ana(slug), reader(slug)
    post = person.says("hello")
    channel.verify(raw(post))
    (signature,) = (name for name in post.headers if name != "content-type")
    given = post.headers[signature]
    forged = [
        raw(post, headers={"content-type": "application/json"}),
        raw(post, headers={**post.headers, signature: ""}),
        raw(post, headers={**post.headers, signature: given[:-2] + "xx"}),
        raw(post, headers={**post.headers, signature: "é"}),
    ]
    if slug != "telegram":  # its secret covers no body
        forged += [raw(post, body=post.body + b"&x=1"), raw(post, body=post.body[:-1] + b"!")]
    if slug.startswith("twilio"):
        forged += [
            raw(post, url=post.url.replace("wismo.", "evil.")),
            raw(post, url=post.url + "?x=1"),
            raw(shopper(slug, "https://other.example", NUMBER).says("hello"), url=post.url),
        ]
        person.account = f"AC{'9' * 32}"
        forged.append(raw(person.says("hello")))
    for name in ("token", "secret"):
        if hasattr(person, name):
            setattr(person, name, "123:of-another-account")
            forged.append(raw(person.says("hello")))
    for request in forged:
        with pytest.raises(BadWebhook):
            channel.verify(request)


@pytest.mark.parametrize("slug", ["whatsapp_cloud", "telegram"])
def test_an_old_message_played_back_is_refused(slug):
    person, channel = ana(slug), reader(slug)
    stamp = {"timestamp": "1700000000"} if slug == "whatsapp_cloud" else {"date": 1_700_000_000}
    post = person.message({"type": "text", "text": {"body": "hello"}, **stamp})
    channel.verify(raw(post))
    with pytest.raises(BadWebhook, match="played back"):
        channel.parse(raw(post), now=NOW)


@pytest.mark.parametrize("module", ["twilio", "channels.whatsapp_cloud", "channels.telegram"])
def test_every_error_has_words_for_agents(module):
    table = import_module(f"integrations.{module}.errors").ERRORS
    rows = table.values() if isinstance(table, dict) else [row for _, _, row in table]
    for row in rows:
        assert isinstance(row, Failure)
        assert row.words[0].isupper(), row
        assert not row.words.endswith("."), row


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["text", "1700000000", "9" * 40, "private", "\ud800"]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@st.composite
def broken(draw, document):
    """The document with one to three of its values, at any depth, replaced by anything."""
    document = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        node, inner = document, document
        while isinstance(inner, dict | list) and inner:
            node = inner
            keys = sorted(node) if isinstance(node, dict) else range(len(node))
            key = draw(st.sampled_from(keys))
            inner = node[key]
            if draw(st.integers(0, 5)) == 0:
                break
        if isinstance(node, dict | list) and node:
            node[key] = draw(JSON)
    return document


def posts(slug):
    person = ana(slug)
    made = [
        person.says("hello"),
        person.presses("Yes", "/affirm"),
        person.sends_picture("http://x"),
    ]
    if hasattr(person, "reports"):
        made += [person.reports("id", "failed"), person.reports("id", "read")]
    if slug == "telegram":
        made += [person.shares_phone(), person.says("x", edit_date=1)]
    return made


def holds(events):
    """Events as they are promised: strings that PostgreSQL stores, times with a zone."""
    for event in events:
        assert isinstance(event, InboundMessage | Receipt | Signal)
        if isinstance(event, InboundMessage):
            assert event.external_id
            assert event.address
            assert event.text or event.attachments
            stored = (event.text, event.display or "", event.external_id, event.address)
            assert "\x00" not in "".join(stored)
            assert "".join(stored).encode()
            for file in event.attachments:
                assert isinstance(file.reference, str)
                assert (file.name + file.content_type + file.reference).encode()
        else:
            assert event.at.tzinfo
            assert isinstance(event, Signal) or event.provider_id


@pytest.mark.parametrize("slug", ["whatsapp_cloud", "telegram"])
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_json_is_read_or_refused(slug, data):
    bodies = [json.loads(post.body) for post in posts(slug)]
    body = data.draw(JSON | st.sampled_from(bodies).flatmap(broken))
    post = raw(posts(slug)[0], body=json.dumps(body).encode())
    with suppress(BadWebhook):
        holds(reader(slug).parse(post, now=NOW))


@pytest.mark.parametrize("slug", SLUGS)
@settings(max_examples=100, deadline=None)
@given(body=st.binary(max_size=60), url=st.text(max_size=40), signature=st.text(max_size=40))
def test_any_bytes_are_read_or_refused(slug, body, url, signature):
    channel = reader(slug)
    names = (
        "x-twilio-signature",
        "x-hub-signature-256",
        "x-telegram-bot-api-secret-token",
    )
    request = raw(posts(slug)[0], url=url, body=body, headers=dict.fromkeys(names, signature))
    with pytest.raises(BadWebhook):
        channel.verify(request)
    with suppress(BadWebhook):
        holds(channel.parse(request, now=NOW))


@pytest.mark.parametrize("slug", ["twilio_sms", "twilio_whatsapp"])
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_form_is_read_or_refused(slug, data):
    named = "Body From MessageSid MessageStatus ErrorCode NumMedia MediaUrl0 OptOutType "
    named += "ButtonPayload ListId ListTitle Latitude Longitude"
    names = st.sampled_from(named.split())
    values = st.text(max_size=8) | st.sampled_from(["3", "failed", "STOP", NUMBER, "SM1"])
    form = data.draw(st.dictionaries(names, values))
    channel = reader(slug)
    with suppress(BadWebhook, UnicodeEncodeError):
        holds(read(channel, ana(slug).post(form)))
