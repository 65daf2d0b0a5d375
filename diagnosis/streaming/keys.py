"""Names of everything this project keeps in Redis besides Celery's and Channels' own keys."""

from uuid import UUID

PREFIX = "medaction"


def stream_key(job_id: UUID | str, attempt: int) -> str:
    """The log of one attempt. A new attempt has a log of its own, so a lost worker cannot write into it."""
    return f"{PREFIX}:stream:{job_id}:{attempt}"


def cancel_key(job_id: UUID | str) -> str:
    return f"{PREFIX}:cancel:{job_id}"


def wake_key(hub_id: str) -> str:
    """A stream that only wakes one reader out of its blocking read."""
    return f"{PREFIX}:wake:{hub_id}"


def worker_key(worker: str) -> str:
    return f"{PREFIX}:worker:{worker}"
