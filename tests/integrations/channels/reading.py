"""Adapters that only read: no API is asked."""

from datetime import UTC, datetime

import httpx

from integrations.messages import RawRequest
from service.channels import make_channel
from tests.support.providers import shoppers

PUBLIC_URL = "https://wismo.shop.example"
NUMBER = "+12125550147"


def reader(slug):
    """An adapter whose client has nowhere to go."""
    offline = httpx.MockTransport(lambda _: httpx.Response(503))
    return make_channel(slug, httpx.AsyncClient(transport=offline), shoppers.SETTINGS)


def raw(post, **changed):
    """A post as the service hands it on."""
    made = {"url": post.url, "headers": post.headers, "body": post.body, **changed}
    return RawRequest(**made)


def read(channel, post):
    """What a post says, once it is proved."""
    channel.verify(raw(post))
    return channel.parse(raw(post), now=datetime.now(UTC))
