"""Django's pages under ASGI, each request in one thread in one go.

Django's own handler goes back to the event loop between any two pieces of middleware. Ours are written for threads, as
our views are, and while answers stream the loop is busy: a form then waits some twenty times for its turn. Here it
waits once. Streams and sockets, which are written for the loop, do not come this way.
"""

from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponseBase

# For what a form carries beside its file.
SLACK_BYTES = 1 << 20
TOO_LARGE = b"The file is too large for this server. Go back, split it or compress it, and send it again."


class PagesHandler(ASGIHandler):
    """Make it after ``django.setup()``. No request may fill the disk, whatever it says of its own length."""

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        most = settings.DATASETS["UPLOAD_MAX_BYTES"] + SLACK_BYTES
        if _declared_length(scope) > most:
            headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
            await send({"type": "http.response.start", "status": 413, "headers": headers})
            await send({"type": "http.response.body", "body": TOO_LARGE})
            return
        await super().handle(scope, _bounded(receive, most), send)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response)(request)


def _declared_length(scope: Any) -> int:
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    return int(declared) if declared.isdigit() else 0


def _bounded(receive: Any, most: int) -> Any:
    """Hangs up on a body that is longer than it said."""
    left = most

    async def bounded() -> Any:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        return message if left >= 0 else {"type": "http.disconnect"}

    return bounded
