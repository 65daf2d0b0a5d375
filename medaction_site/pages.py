"""Django's pages under ASGI, each request in one thread in one go.

Django's own handler goes back to the event loop between any two pieces of middleware. Ours are written for threads, as
our views are, and while answers stream the loop is busy: a form then waits some twenty times for its turn. Here it
waits once. Streams and sockets, which are written for the loop, do not come this way.
"""

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponseBase


class PagesHandler(ASGIHandler):
    """Make it after ``django.setup()``."""

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response)(request)
