"""Files that shoppers send: fetched from the provider alone, and never more than asked for."""

import pytest

from integrations.messages import Attachment
from kit.errors import Rejected
from tests.integrations.channels.reading import NUMBER, PUBLIC_URL, read
from tests.support.providers.api import PNG
from tests.support.providers.shoppers import SLUGS, shopper

LIMIT = 10_000


@pytest.mark.parametrize("slug", SLUGS)
async def test_a_picture_is_fetched(make, providers, slug):
    channel = make(slug)
    person = shopper(slug, PUBLIC_URL, NUMBER)
    [message] = read(channel, person.sends_picture(providers.url))
    [file] = message.attachments
    assert await channel.fetch(file, limit=LIMIT) == PNG
    with pytest.raises(Rejected):
        await channel.fetch(file, limit=len(PNG) - 1)


@pytest.mark.parametrize("slug", ["twilio_sms", "twilio_whatsapp"])
@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/x",
        "https://api.twilio.com.evil.example/x",
        "http://api.twilio.com/x",
        "file:///etc/passwd",
        "https://evilamazonaws.com/x",
        "not a url",
        "http://[",
        "",
    ],
)
async def test_no_file_is_fetched_from_elsewhere(make, slug, address):
    with pytest.raises(Rejected):
        await make(slug).fetch(Attachment(address), limit=LIMIT)


@pytest.mark.parametrize("slug", ["whatsapp_cloud", "telegram"])
@pytest.mark.parametrize("reference", ["gone", "../../secret", "a/b?c#d"])
async def test_a_file_that_is_gone_is_said_to_be(make, slug, reference):
    with pytest.raises(Rejected):
        await make(slug).fetch(Attachment(reference), limit=LIMIT)
