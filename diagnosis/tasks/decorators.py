"""How a task is declared here. No bare Celery task: each names its pre- and post-state, logs with its job bound, and
never leaves a database connection behind in its thread."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from celery import shared_task
from django.db import connections

log = structlog.get_logger(__name__)


def project_task(name: str) -> Callable[[Callable[..., None]], Any]:
    """A task that PostgreSQL's state drives: running it twice, or late, or never, must be harmless.

    The docstring must say ``Pre:`` and ``Post:``. No result, no retry by the broker: the sweeper sees what is undone.
    """

    def declare(body: Callable[..., None]) -> Any:
        if "Pre:" not in (body.__doc__ or "") or "Post:" not in (body.__doc__ or ""):
            raise TypeError(f"task {name} does not say its pre- and post-state")

        @wraps(body)
        def run(*args: Any, **kwargs: Any) -> None:
            with structlog.contextvars.bound_contextvars(task=name):
                try:
                    body(*args, **kwargs)
                except Exception:
                    log.exception("task_failed")
                finally:
                    connections.close_all()

        return shared_task(name=name, ignore_result=True, acks_late=False)(run)

    return declare
