"""The doorbells of data: what every page hears, and that its run or version got on."""

from uuid import UUID

from channels.db import database_sync_to_async

from datasets.web.access import LOOK
from diagnosis.streaming.doorbell import run_group, version_group
from diagnosis.web.consumers import DoorbellConsumer


class RunDoorbellConsumer(DoorbellConsumer):
    """Sends ``{"kind": "run", "id": …}`` too, to those who may look at runs."""

    async def list_groups(self) -> tuple[str, ...]:
        if not await database_sync_to_async(self.scope["user"].has_perm)(LOOK):
            return ()
        return (self.name_group(**self.scope["url_route"]["kwargs"]),)

    def name_group(self, *, run_id: UUID) -> str:
        return run_group(run_id)


class VersionDoorbellConsumer(RunDoorbellConsumer):
    """The same of a version and its exports: ``{"kind": "version", "id": …}``."""

    def name_group(self, *, version_id: UUID) -> str:
        return version_group(version_id)
