"""Keeping a piece of work while it is done: a thread renews the lease, the work asks between its steps."""

import threading
from types import TracebackType

import structlog
from celery.signals import worker_shutting_down
from django.conf import settings
from django.db import connection

from datasets.models import Work
from datasets.services.working import renew_lease

log = structlog.get_logger(__name__)
_closing = threading.Event()


class LeaseLost(Exception):  # noqa: N818 - what happened, not a fault
    """Another attempt holds the work: write nothing more."""


class WorkerClosing(Exception):  # noqa: N818
    """This process is about to stop: give the work back."""


class Lease:
    """Held while entered. ``go_on`` raises when the work must not go on here."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._lost = threading.Event()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="lease", daemon=True)

    def __enter__(self) -> "Lease":
        self._thread.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._done.set()
        self._thread.join()

    def go_on(self) -> None:
        """Raises :class:`LeaseLost` or :class:`WorkerClosing`."""
        if self._lost.is_set():
            raise LeaseLost
        if _closing.is_set():
            raise WorkerClosing

    def _renew(self) -> None:
        try:
            while not self._done.wait(settings.DATASETS["HEARTBEAT_SECONDS"]):
                try:
                    if not renew_lease(work=self._work):
                        self._lost.set()
                        return
                except Exception:
                    # A database in trouble: the fence decides when the work is committed.
                    log.exception("lease_not_renewed", work=str(self._work.pk))
                    connection.close()
        finally:
            connection.close()


@worker_shutting_down.connect
def close(**_: object) -> None:
    _closing.set()
