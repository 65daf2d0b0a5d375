"""Doorbells: "something changed", with a kind and an id; the page fetches the rest itself, with its own rights.

Rung from synchronous code of any process straight through Redis pub/sub, in the form that Channels' layer reads: going
through the layer itself would open an event loop and a connection for every ring.
"""

from typing import Any
from uuid import UUID

import structlog
from channels.layers import channel_layers, get_channel_layer  # type: ignore[import-untyped]

from diagnosis.streaming.client import FAULTS, get_client

log = structlog.get_logger(__name__)
QUEUE_GROUP = "queue"


def user_group(user_id: int) -> str:
    return f"user-{user_id}"


def run_group(run_id: UUID | str) -> str:
    return f"run-{run_id}"


def version_group(version_id: UUID | str) -> str:
    return f"version-{version_id}"


def ring_session(url: str, *, user_id: int, session_id: UUID | str) -> None:
    """One of this person's walkthroughs changed."""
    _ring(url, user_group(user_id), {"kind": "session", "id": str(session_id)})


def ring_queue(url: str) -> None:
    """Places in the queue changed, for everyone who waits. At most once a second; open streams also tell the place."""
    try:
        first = get_client(url).set("medaction:queue-bell", "1", px=1000, nx=True)
    except FAULTS:
        return
    if first:
        _ring(url, QUEUE_GROUP, {"kind": "queue"})


def ring_import(url: str, *, user_id: int, import_id: UUID | str) -> None:
    """One of this person's imports changed."""
    _ring(url, user_group(user_id), {"kind": "import", "id": str(import_id)})


def ring_run(url: str, run_id: UUID | str, *, at_once: bool) -> None:
    """A distillation run got on. Unless its state changed (``at_once``), at most once a second."""
    if not at_once:
        try:
            if not get_client(url).set(f"medaction:run-bell:{run_id}", "1", px=1000, nx=True):
                return
        except FAULTS:
            return
    _ring(url, run_group(run_id), {"kind": "run", "id": str(run_id)})


def ring_version(url: str, version_id: UUID | str) -> None:
    """A dataset version, or one of its exports, changed."""
    _ring(url, version_group(version_id), {"kind": "version", "id": str(version_id)})


def _ring(url: str, group: str, payload: dict[str, str]) -> None:
    layer: Any = get_channel_layer()
    message = layer.serialize({"type": "doorbell", "payload": payload})
    prefix = channel_layers.configs["default"]["CONFIG"]["prefix"]
    channel = f"{prefix}__group__{group}"
    try:
        get_client(url).publish(channel, message)
    except FAULTS as error:
        log.warning("doorbell_not_rung", group=group, error=str(error))
