"""ASGI entry: Django for pages, one small application for event streams, Channels for the doorbell socket."""

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django import setup
from django.conf import settings
from django.urls import re_path

from medaction.domain.catalogue import load_catalogue
from medaction_site.env import use_settings
from medaction_site.logs import configure_logs
from medaction_site.pages import PagesHandler

use_settings("medaction_site.settings.dev")
setup(set_prefix=False)
configure_logs(settings.LOG_LEVEL)

from datasets.web import routing as data_routing  # noqa: E402  (models must be loaded first)
from diagnosis.web import routing  # noqa: E402

# Read now, or the first walkthrough would wait for it.
load_catalogue()

sockets = [*routing.websocket_urlpatterns, *data_routing.websocket_urlpatterns]
application = ProtocolTypeRouter(
    {
        "http": URLRouter([*routing.stream_urlpatterns, re_path(r"", PagesHandler())]),
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(sockets))),
    }
)
