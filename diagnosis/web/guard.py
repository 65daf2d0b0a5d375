"""Who was let in stays in only while that is still true: logout, a disabled account or a new password closes streams.

One look at PostgreSQL every 20 seconds for everything that this process holds open.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import structlog
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session as LoginSession
from django.db import connection
from django.utils import timezone

log = structlog.get_logger(__name__)
CHECK_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Ticket:
    """On what someone was let in. ``credential`` is the stored password hash: a new password makes it differ."""

    session_key: str
    user_id: int
    credential: str


class Guard:
    """``watch`` while something is open; ``run`` is the one task that looks."""

    def __init__(self) -> None:
        self._held: dict[object, tuple[Ticket, Callable[[], None]]] = {}

    @contextlib.contextmanager
    def watch(self, ticket: Ticket, close: Callable[[], None]) -> Iterator[None]:
        """Call ``close`` when the ticket is no longer valid."""
        key = object()
        self._held[key] = (ticket, close)
        try:
            yield
        finally:
            self._held.pop(key, None)

    async def run(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            held = list(self._held.values())
            if not held:
                continue
            try:
                valid = await sync_to_async(list_valid, thread_sensitive=False)({ticket for ticket, _ in held})
            except Exception:
                # A database in trouble must not end the streams; the next look will tell.
                log.exception("guard_could_not_look")
                continue
            for ticket, close in held:
                if ticket not in valid:
                    close()


def list_valid(tickets: set[Ticket]) -> set[Ticket]:
    """Those whose login session lives on and whose account is active with the same password. Two queries."""
    try:
        keys = [ticket.session_key for ticket in tickets]
        sessions = LoginSession.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
        living = set(sessions.values_list("session_key", flat=True))
        ids = {ticket.user_id for ticket in tickets}
        users = get_user_model().objects.filter(pk__in=ids, is_active=True)
        credentials = dict(users.values_list("pk", "password"))
        return {
            ticket
            for ticket in tickets
            if ticket.session_key in living and credentials.get(ticket.user_id) == ticket.credential
        }
    finally:
        connection.close()
