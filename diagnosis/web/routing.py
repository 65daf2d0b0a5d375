"""WebSocket addresses."""

from django.urls import path

from diagnosis.web.consumers import DoorbellConsumer

websocket_urlpatterns = [path("ws/doorbell/", DoorbellConsumer.as_asgi())]
