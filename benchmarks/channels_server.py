"""The reference's web process: Channels as its documentation shows it, one group for each stream, one message a token.

`uvicorn benchmarks.channels_server:application`; REDIS_URL and CHANNEL_LAYER (a dotted name) come from the environment.
"""

import os

import django
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import path

LAYERS = {
    "core": "channels_redis.core.RedisChannelLayer",
    "pubsub": "channels_redis.pubsub.RedisPubSubChannelLayer",
}


def configure() -> None:
    """The least that Channels needs: a layer, nothing else of Django."""
    layer = {
        "BACKEND": LAYERS[os.environ["CHANNEL_LAYER"]],
        "CONFIG": {"hosts": [os.environ["REDIS_URL"]], "prefix": f"benchmark-{os.environ['CHANNEL_LAYER']}"},
    }
    settings.configure(CHANNEL_LAYERS={"default": layer}, SECRET_KEY="benchmark")
    django.setup()


class TokenConsumer(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        self.group = f"stream-{self.scope['url_route']['kwargs']['number']}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def token(self, event: dict[str, str]) -> None:
        await self.send(text_data=event["text"])


if __name__ != "__main__" and "CHANNEL_LAYER" in os.environ:
    configure()
    application = ProtocolTypeRouter(
        {"websocket": URLRouter([path("<int:number>/", TokenConsumer.as_asgi())])},
    )
