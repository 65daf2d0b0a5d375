"""The doorbell of a run's page: what every page hears, and that the run got on."""

from channels.db import database_sync_to_async

from datasets.web.access import LOOK
from diagnosis.streaming.doorbell import run_group
from diagnosis.web.consumers import DoorbellConsumer


class RunDoorbellConsumer(DoorbellConsumer):
    """Sends ``{"kind": "run", "id": …}`` too, to those who may look at runs."""

    async def list_groups(self) -> tuple[str, ...]:
        if not await database_sync_to_async(self.scope["user"].has_perm)(LOOK):
            return ()
        return (run_group(self.scope["url_route"]["kwargs"]["run_id"]),)
