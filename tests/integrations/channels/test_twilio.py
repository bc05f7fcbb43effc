"""Twilio's two channels: its own signatures, its fields, its codes."""

from datetime import UTC, datetime

import httpx
import pytest
from twilio.request_validator import RequestValidator

from integrations.messages import Answer, Image, OutboundMessage, RawRequest, Template
from kit.errors import BadWebhook, Blocked, RateLimited, Rejected, Unavailable
from service.channels import make_channel, manifest_of
from tests.integrations.channels.reading import NUMBER, PUBLIC_URL, read, reader
from tests.support.providers.shoppers import SETTINGS, shopper

# Twilio's published example (https://www.twilio.com/docs/usage/security, "Test the validity of your
# webhook signature") and the vectors of its own library's tests, all with the auth token 12345.
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
BODY = (
    b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234"
    b"&From=%2B14158675309&To=%2B18005551212"
)
JSON_BODY = b'{"property": "value", "boolean": true}'
JSON_URL = f"{URL}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
VECTORS = [
    (URL, BODY, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    (URL, BODY.replace(b"14158675309", b"12349013030"), "0/KCTR6DLpKmkAf8muzZqo1nDgQ="),
    (JSON_URL, JSON_BODY, "a9nBmqA0ju/hNViExpshrM61xv4="),
]


def with_token(token):
    offline = httpx.MockTransport(lambda _: httpx.Response(503))
    given = SETTINGS | {"TWILIO_AUTH_TOKEN": token}
    return make_channel("twilio_sms", httpx.AsyncClient(transport=offline), given)


@pytest.mark.parametrize(("url", "body", "signature"), VECTORS)
def test_twilios_published_signatures_hold(url, body, signature):
    channel = with_token("12345")
    channel.verify(RawRequest(url, {"x-twilio-signature": signature}, body))
    for changed_url, changed_body, changed in (
        (url, body + b"&x=1", signature),
        (url.replace("https", "http"), body, signature),
        (url.replace("foo=1", "foo=2"), body, signature),
        (url, body, signature.lower()),
    ):
        with pytest.raises(BadWebhook):
            channel.verify(RawRequest(changed_url, {"x-twilio-signature": changed}, changed_body))


def test_a_json_body_without_its_hash_in_the_url_is_refused():
    url = f"{PUBLIC_URL}/channels/twilio_sms"
    signature = RequestValidator("12345").compute_signature(url, {})
    with pytest.raises(BadWebhook):
        with_token("12345").verify(
            RawRequest(url, {"x-twilio-signature": signature}, b'{"Body": "forged"}')
        )


async def test_what_twilio_took_is_found_by_words_and_time():
    created = "Fri, 24 May 2019 17:44:46 +0000"
    row = {"sid": "SM1", "body": "Hi.", "direction": "outbound-api", "date_created": created}
    rows = [row, row | {"body": "Hi"}, row | {"direction": "inbound"}, row | {"body": None}]
    answers = [{"messages": rows}, {"messages": [row | {"date_created": "today"}]}, []]
    http = httpx.AsyncClient(
        transport=httpx.MockTransport(lambda _: httpx.Response(200, json=answers.pop(0)))
    )
    twilio = make_channel("twilio_sms", http, SETTINGS)
    message, then = OutboundMessage(NUMBER, "Hi."), datetime(2019, 5, 24, 17, 44, 46, 9, tzinfo=UTC)
    assert await twilio.taken(message, since=then) == ["SM1"]
    for _ in range(2):
        with pytest.raises(Rejected):
            await twilio.taken(message, since=then)


def test_a_stop_that_twilio_acted_on_is_not_confirmed_twice():
    person = shopper("twilio_sms", PUBLIC_URL, NUMBER)
    [stop] = read(reader("twilio_sms"), person.says("Stop", OptOutType="STOP"))
    assert (stop.text, stop.display, stop.confirmed) == ("STOP", "Stop", True)
    [own_word] = read(reader("twilio_sms"), person.says("ARRET", OptOutType="STOP"))
    assert (own_word.text, own_word.display) == ("STOP", "ARRET")
    [plain] = read(reader("twilio_sms"), person.says("STOP"))
    assert (plain.text, plain.confirmed) == ("STOP", False)


def test_a_list_row_and_a_place_on_whatsapp():
    person = shopper("twilio_whatsapp", PUBLIC_URL, NUMBER)
    channel = reader("twilio_whatsapp")
    [row] = read(channel, person.says("", ListId="/refund_status", ListTitle="My refund"))
    assert (row.text, row.display) == ("/refund_status", "My refund")
    [place] = read(channel, person.says("", Latitude="52.52", Longitude="13.4", Label="Home"))
    assert (place.kind, place.text) == ("location", "Location: Home (52.52, 13.4)")
    [nothing] = read(channel, person.says(""))
    assert nothing.kind == "unsupported"


REPORTS = [
    ("sent", None, ("sent", "", False, False)),
    ("delivered", None, ("delivered", "", False, False)),
    ("read", None, ("read", "", False, False)),
    ("undelivered", "30003", ("failed", "30003", True, False)),
    ("undelivered", "30004", ("failed", "30004", False, False)),
    ("undelivered", "30005", ("failed", "30005", False, False)),
    ("undelivered", "30006", ("failed", "30006", False, False)),
    ("undelivered", "30007", ("failed", "30007", False, False)),
    ("undelivered", "30008", ("failed", "30008", True, False)),
    ("failed", "21610", ("failed", "21610", False, True)),
    ("failed", "99999", ("failed", "99999", False, False)),
    ("failed", None, ("failed", "failed", False, False)),
]


@pytest.mark.parametrize(("state", "code", "said"), REPORTS)
def test_a_delivery_report(state, code, said):
    person = shopper("twilio_sms", PUBLIC_URL, NUMBER)
    fields = {"ErrorCode": code} if code else {}
    [report] = read(reader("twilio_sms"), person.reports("SM1", state, **fields))
    assert report.provider_id == "SM1"
    assert (report.state, report.code, report.retryable, report.blocked) == said
    assert bool(report.words) == (report.state == "failed")


def test_a_message_under_way_is_no_news():
    person = shopper("twilio_sms", PUBLIC_URL, NUMBER)
    assert read(reader("twilio_sms"), person.reports("SM1", "queued")) == []


def test_twilio_is_answered_with_an_empty_program():
    assert manifest_of("twilio_sms").acknowledgement == Answer(200, "<Response/>", "text/xml")


async def test_sends_from_a_number_or_a_messaging_service(make, providers):
    sent = await make("twilio_sms").send(OutboundMessage(NUMBER, "Hello"))
    service = f"MG{'a' * 32}"
    await make("twilio_sms", TWILIO_SMS_SENDER=service).send(OutboundMessage(NUMBER, "Hello"))
    picture = Image("https://shop.example/a.png", "A tent")
    await make("twilio_whatsapp").send(OutboundMessage(NUMBER, "Look", image=picture))
    template = Template(f"HX{'b' * 32}", parameters=("Ana", "1001"))
    await make("twilio_whatsapp").send(OutboundMessage(NUMBER, "Sent!", template=template))
    number, pool, whatsapp, approved = [asked.content for asked in providers.asked]
    callback = f"{PUBLIC_URL}/channels/twilio_sms"
    assert number == {
        "To": NUMBER,
        "From": "+12125550100",
        "Body": "Hello",
        "StatusCallback": callback,
    }
    assert (pool["MessagingServiceSid"], "From" in pool) == (service, False)
    assert (whatsapp["To"], whatsapp["From"]) == (f"whatsapp:{NUMBER}", "whatsapp:+12125550100")
    assert whatsapp["MediaUrl"] == "https://shop.example/a.png"
    assert approved["ContentVariables"] == '{"1": "Ana", "2": "1001"}'
    assert "Body" not in approved
    assert sent == providers.sent[0].id
    assert providers.asked[0].headers["authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, 21610, Blocked),
        (400, 21211, Rejected),
        (400, 63016, Rejected),
        (401, 20003, Rejected),
        (404, 20404, Rejected),
        (429, 20429, RateLimited),
        (400, 21611, RateLimited),
        (400, 30410, Unavailable),
        (503, 20503, Unavailable),
        (400, 99999, Rejected),
    ],
)
async def test_each_refusal_has_its_name(make, providers, status, code, error):
    providers.answers.append((status, {"code": code, "message": "no"}, {"retry-after": "3"}))
    with pytest.raises(error) as refused:
        await make("twilio_sms").send(OutboundMessage(NUMBER, "Hello"))
    assert type(refused.value) is error
    assert NUMBER not in refused.value.message
    if status == 429:
        assert refused.value.retry_after == 3


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b"null"])
async def test_an_unreadable_answer_is_no_success(make, providers, body):
    providers.answers.append((201, body, {}))
    with pytest.raises(Rejected):
        await make("twilio_sms").send(OutboundMessage(NUMBER, "Hello"))
