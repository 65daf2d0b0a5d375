"""The doorbell socket: tells a signed-in page that something of its own changed. What a client sends is ignored."""

import asyncio
import contextlib
from typing import Any

import orjson
from channels.generic.websocket import AsyncWebsocketConsumer

from diagnosis.streaming.doorbell import QUEUE_GROUP, user_group
from diagnosis.web.guard import Ticket
from diagnosis.web.hub import get_watch

NOT_SIGNED_IN = 4401
SIGNED_OUT = 4403


class DoorbellConsumer(AsyncWebsocketConsumer):
    """Sends ``{"kind": "session", "id": …}`` and ``{"kind": "queue"}``; the page fetches what it shows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._open = contextlib.ExitStack()
        self._closing: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        user = self.scope["user"]
        if not user.is_authenticated:
            await self.close(code=NOT_SIGNED_IN)
            return
        for group in (user_group(user.pk), QUEUE_GROUP):
            await self.channel_layer.group_add(group, self.channel_name)
            self.groups.append(group)
        ticket = Ticket(self.scope["session"].session_key, user.pk, user.password)
        self._open.enter_context(get_watch().guard.watch(ticket, self._dismiss))
        await self.accept()

    async def disconnect(self, code: int) -> None:
        self._open.close()

    async def doorbell(self, message: dict[str, Any]) -> None:
        await self.send(text_data=orjson.dumps(message["payload"]).decode())

    def _dismiss(self) -> None:
        self._closing = asyncio.get_running_loop().create_task(self.close(code=SIGNED_OUT))
