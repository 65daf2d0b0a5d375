"""The socket of a run's page."""

from django.urls import path

from datasets.web.consumers import RunDoorbellConsumer

websocket_urlpatterns = [path("ws/runs/<uuid:run_id>/", RunDoorbellConsumer.as_asgi())]
