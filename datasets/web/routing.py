"""The sockets of a run's page and of a version's."""

from django.urls import path

from datasets.web.consumers import RunDoorbellConsumer, VersionDoorbellConsumer

websocket_urlpatterns = [
    path("ws/runs/<uuid:run_id>/", RunDoorbellConsumer.as_asgi()),
    path("ws/versions/<uuid:version_id>/", VersionDoorbellConsumer.as_asgi()),
]
