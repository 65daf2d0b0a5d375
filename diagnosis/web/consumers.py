"""The doorbell socket: tells a signed-in page that something of its own changed. What a client sends is ignored."""

import asyncio
import contextlib
from typing import Any

import orjson
import structlog
from channels.generic.websocket import AsyncWebsocketConsumer

from diagnosis.streaming.client import FAULTS
from diagnosis.streaming.doorbell import QUEUE_GROUP, user_group
from diagnosis.web.guard import Ticket
from diagnosis.web.hub import get_watch

NOT_SIGNED_IN = 4401
SIGNED_OUT = 4403
TRY_AGAIN_LATER = 1013
OPEN_TRIES = 3
OPEN_PAUSE_SECONDS = 0.3
# uvloop answers a write to a connection that has gone with RuntimeError.
LAYER_FAULTS = (*FAULTS, RuntimeError)
log = structlog.get_logger(__name__)


class DoorbellConsumer(AsyncWebsocketConsumer):
    """Sends ``{"kind": "session", "id": …}`` and ``{"kind": "queue"}``; the page fetches what it shows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._open = contextlib.ExitStack()
        self._closing: asyncio.Task[None] | None = None
        self._joined: tuple[str, ...] = ()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The layer learns only by failing that Redis was restarted; its next call connects anew."""
        for _ in range(OPEN_TRIES):
            try:
                await super().__call__(scope, receive, send)
            except LAYER_FAULTS as error:
                if hasattr(self, "channel_name"):
                    raise
                log.warning("doorbell_not_opened", error=str(error))
                await asyncio.sleep(OPEN_PAUSE_SECONDS)
            else:
                return
        await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})

    async def connect(self) -> None:
        user = self.scope["user"]
        if not user.is_authenticated:
            await self.close(code=NOT_SIGNED_IN)
            return
        if not await self._join(user_group(user.pk), QUEUE_GROUP, *await self.list_groups()):
            await self.close(code=TRY_AGAIN_LATER)
            return
        ticket = Ticket(self.scope["session"].session_key, user.pk, user.password)
        self._open.enter_context(get_watch().guard.watch(ticket, self._dismiss))
        await self.accept()

    async def list_groups(self) -> tuple[str, ...]:
        """What else this page hears."""
        return ()

    async def _join(self, *groups: str) -> bool:
        """A write to a connection that has gone may only fail the second time, so here as well."""
        for _ in range(OPEN_TRIES):
            try:
                for group in groups:
                    await self.channel_layer.group_add(group, self.channel_name)
            except LAYER_FAULTS as error:
                log.warning("doorbell_not_joined", error=str(error))
                await asyncio.sleep(OPEN_PAUSE_SECONDS)
            else:
                self._joined = groups
                return True
        return False

    async def disconnect(self, code: int) -> None:
        self._open.close()
        # Nobody is left to tell; a layer that lost its connection has forgotten the groups as well.
        with contextlib.suppress(*LAYER_FAULTS):
            for group in self._joined:
                await self.channel_layer.group_discard(group, self.channel_name)

    async def doorbell(self, message: dict[str, Any]) -> None:
        await self.send(text_data=orjson.dumps(message["payload"]).decode())

    def _dismiss(self) -> None:
        self._closing = asyncio.get_running_loop().create_task(self.close(code=SIGNED_OUT))
