"""Which workers are alive: a key that each renews, and that fades when it stops."""

import redis.asyncio

from diagnosis.streaming.client import FAULTS, get_client
from diagnosis.streaming.keys import worker_key

FADE_SECONDS = 10

__all__ = ["FAULTS", "count_workers", "list_workers", "show_presence"]


async def show_presence(client: redis.asyncio.Redis, worker: str) -> None:
    """Raises what ``FAULTS`` names."""
    await client.set(worker_key(worker), "1", ex=FADE_SECONDS)


def count_workers(url: str) -> int:
    """Raises what ``FAULTS`` names."""
    return len(list_workers(url))


def list_workers(url: str) -> set[bytes]:
    """The keys of those that showed themselves lately; one that was killed fades. Raises what ``FAULTS`` names."""
    return set(get_client(url).scan_iter(worker_key("*"), count=1000))
