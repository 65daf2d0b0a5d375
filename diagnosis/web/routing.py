"""What does not go through Django's pages: streams and sockets."""

from django.urls import path

from diagnosis.web.consumers import DoorbellConsumer
from diagnosis.web.sse import stream_app

stream_urlpatterns = [path("jobs/<uuid:job_id>/stream", stream_app)]
websocket_urlpatterns = [path("ws/doorbell/", DoorbellConsumer.as_asgi())]
