import socket
from ipaddress import ip_address

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import outbound
from kit.errors import Misconfigured, NotFound, RateLimited, Rejected, Unavailable

PRIVATE = [
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",  # the clouds' own metadata
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd12::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2002:c0a8:101::1",
    "2001:0:53aa:64c:0:ffff:f5ff:fffe",
]
PUBLIC = ["93.184.215.14", "1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]


@pytest.fixture
def names(monkeypatch):
    """What names lead to, one answer a time: ``names["cdn.example"] = [["1.1.1.1"], ["::1"]]``.

    The last answer is given again and again. An address leads to itself, in any of its spellings.
    """
    known, real = {}, socket.getaddrinfo

    def getaddrinfo(host, port, *rest, **more):
        host = host.decode() if isinstance(host, bytes) else host
        if host not in known:
            return real(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        answers = known[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            (
                socket.AF_INET6 if ":" in each else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (each, port),
            )
            for each in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


def client(answer, *, allowed=(), asked=None):
    """A guarded client whose requests end here."""

    def handle(request):
        if asked is not None:
            asked.append(request)
        return answer(request) if callable(answer) else answer

    return httpx.AsyncClient(
        transport=outbound.PublicOnly(
            outbound.networks(",".join(allowed)), httpx.MockTransport(handle)
        ),
        follow_redirects=True,
        max_redirects=outbound.MOST_REDIRECTS,
    )


@pytest.mark.parametrize("address", PRIVATE)
async def test_no_private_address_is_called(names, address):
    names["cdn.example"] = [[address]]
    shown = f"[{address}]" if ":" in address else address
    asked = []
    async with client(httpx.Response(200), asked=asked) as http:
        for url in (f"http://{shown}/x", "https://cdn.example/x"):
            with pytest.raises(Rejected, match="not on the public internet"):
                await outbound.fetch(http, url, limit=10)
    assert asked == []


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_one(address):
    assert outbound.is_public(ip_address(address))


@given(st.ip_addresses())
def test_every_address_is_judged_and_an_embedded_one_as_itself(address):
    verdict = outbound.is_public(address)
    if address.version == 4:
        for around in ("::ffff:", "64:ff9b::"):
            assert outbound.is_public(ip_address(f"{around}{address}")) == verdict
    if verdict:
        assert not any([address.is_private, address.is_loopback, address.is_multicast])


@pytest.mark.parametrize("spelling", ["2130706433", "0x7f000001", "017700000001", "127.1", "0"])
async def test_other_spellings_of_this_machine_are_seen_through(names, spelling):
    async with client(httpx.Response(200)) as http:
        with pytest.raises(Rejected):
            await outbound.fetch(http, f"http://{spelling}/", limit=10)


async def test_what_was_checked_is_what_is_connected_to(names):
    names["cdn.example"] = [["1.1.1.1"], ["127.0.0.1"]]  # a name that changes its mind
    asked = []
    async with client(httpx.Response(200, content=b"x"), asked=asked) as http:
        await outbound.fetch(http, "https://cdn.example/x", limit=10)
        [request] = asked
        assert request.url.host == "1.1.1.1"
        assert request.headers["host"] == "cdn.example"
        assert request.extensions["sni_hostname"] == "cdn.example"
        with pytest.raises(Rejected):
            await outbound.fetch(http, "https://cdn.example/x", limit=10)
    assert len(asked) == 1


async def test_one_private_address_among_public_ones_is_enough_to_refuse(names):
    names["cdn.example"] = [["1.1.1.1", "10.0.0.1"]]
    async with client(httpx.Response(200)) as http:
        with pytest.raises(Rejected):
            await outbound.fetch(http, "https://cdn.example/x", limit=10)


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "//169.254.169.254/latest/meta-data/",
        "https://inside.example/",
        "file:///etc/passwd",
        "gopher://1.1.1.1/",
    ],
)
async def test_a_redirect_leads_nowhere_private(names, target):
    names["cdn.example"] = [["1.1.1.1"]]
    names["inside.example"] = [["10.0.0.1"]]
    asked = []
    answer = httpx.Response(302, headers={"location": target})
    async with client(answer, asked=asked) as http:
        with pytest.raises(Rejected):
            await outbound.fetch(http, "https://cdn.example/x", limit=10)
    assert len(asked) == 1


async def test_redirects_among_public_hosts_are_followed_to_an_end(names):
    names["cdn.example"] = [["1.1.1.1"]]

    def answer(request):
        if request.url.path == "/a":
            return httpx.Response(302, headers={"location": "/b"})
        if request.url.path == "/round":
            return httpx.Response(302, headers={"location": "/round"})
        return httpx.Response(200, content=b"here", headers={"content-type": "image/png"})

    async with client(answer) as http:
        found = await outbound.fetch(http, "https://cdn.example/a", limit=10)
        assert found == outbound.Fetched(b"here", "image/png")
        with pytest.raises(Rejected, match="round and round"):
            await outbound.fetch(http, "https://cdn.example/round", limit=10)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "ftp://1.1.1.1/",
        "https://",
        "http://ana:secret@1.1.1.1/",
        "https://[::1",
    ],
)
async def test_what_is_no_plain_address_is_refused(names, url):
    async with client(httpx.Response(200)) as http:
        with pytest.raises(Rejected):
            await outbound.fetch(http, url, limit=10)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(404), NotFound),
        (httpx.Response(410), NotFound),
        (httpx.Response(429), RateLimited),
        (httpx.Response(500), Unavailable),
        (httpx.Response(403), Rejected),
        (httpx.Response(200, content=b"x" * 11), Rejected),
        (
            httpx.Response(
                200, stream=httpx.ByteStream(b"no"), headers={"content-encoding": "gzip"}
            ),
            Rejected,
        ),
    ],
)
async def test_each_failure_has_its_name(names, answer, error):
    async with client(lambda _: answer) as http:
        with pytest.raises(error):
            await outbound.fetch(http, "https://1.1.1.1/x", limit=10)


async def test_a_name_that_is_not_found_may_be_tried_again(names):
    async with client(httpx.Response(200)) as http:
        with pytest.raises(Unavailable):
            await outbound.fetch(http, "https://no-such-name.example/", limit=10)


async def test_an_operator_may_allow_a_network(names):
    async with client(httpx.Response(200, content=b"x"), allowed=["10.1.0.0/16"]) as http:
        assert (await outbound.fetch(http, "http://10.1.2.3/", limit=10)).content == b"x"
        for other in ("http://10.2.0.1/", "http://127.0.0.1/", "http://[::1]/"):
            with pytest.raises(Rejected):
                await outbound.fetch(http, other, limit=10)


def test_a_wrong_network_is_named():
    with pytest.raises(Misconfigured, match="OUTBOUND_ALLOW"):
        outbound.networks("10.1.0.0/16, intranet")
    assert outbound.networks(" ") == ()
