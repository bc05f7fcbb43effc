"""A shopper's photo: checked by its content, kept once, shown to that shopper by a signed link."""

import io

import pytest
from PIL import Image


def picture(kind="JPEG", size=(60, 40)):
    out = io.BytesIO()
    Image.new("RGB", size, "#c96").save(out, kind)
    return out.getvalue()


@pytest.fixture
def show(http):
    """Sends a file: ``answer = await show(content, id="a", session=None)``."""

    async def show(content, *, id=None, session=None, kind="image/jpeg"):
        headers = {"Content-Type": kind} | ({"X-Wismo-Session": session} if session else {})
        http.cookies.clear()
        params = {"id": id} if id else {}
        return await http.post("/chat/attachments", params=params, content=content, headers=headers)

    return show


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
async def test_a_photo_is_a_message_with_a_signed_link(chat, http, show, kind):
    answer = await show(picture(kind), kind="application/octet-stream")
    assert answer.status_code == 202
    shopper = chat()
    shopper.session = answer.json()["session"]
    [message] = [m for m in await shopper.settled() if m["author"] == "shopper"]
    [photo] = message["photos"]
    assert (photo["width"], photo["height"]) == (60, 40)
    shown = await http.get(photo["url"])
    assert shown.status_code == 200
    assert shown.headers["content-type"].startswith("image/")
    assert "sandbox" in shown.headers["content-security-policy"]
    assert (await http.get(photo["url"][:-9] + "AAAAAAAAA")).status_code == 403


async def test_the_same_photo_again_is_the_same_message(chat, show):
    first = (await show(picture(), id="p1")).json()
    again = await show(picture(), id="p1", session=first["session"])
    assert again.json()["id"] == first["id"]
    shopper = chat()
    shopper.session = first["session"]
    [message] = [m for m in await shopper.settled() if m["author"] == "shopper"]
    assert message["client_id"] == "p1"
    assert len(message["photos"]) == 1


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"%PDF-1.7", 422),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", 422),
        (picture()[:200], 422),
        (b"x" * (9 * 1024 * 1024), 413),
    ],
)
async def test_what_is_no_photo_starts_no_conversation(http, show, content, status):
    answer = await show(content)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]
    assert "set-cookie" not in answer.headers
