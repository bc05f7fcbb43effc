"""The one custom action that stock Rasa calls in ``bench turn``: it costs next to nothing.

``… PORT``
"""

import asyncio
import sys

import uvicorn

ANSWER = b'{"events": [], "responses": [{"text": "Your order #1001 is on its way."}]}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(ANSWER))]


async def app(scope, receive, send) -> None:  # noqa: ANN001 - plain ASGI
    """Answer anything with one sentence, once the question is read."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": ANSWER})


if __name__ == "__main__":
    config = uvicorn.Config(app, port=int(sys.argv[1]), lifespan="off", log_level="error")
    asyncio.run(uvicorn.Server(config).serve())
