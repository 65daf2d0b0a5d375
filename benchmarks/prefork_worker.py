"""Our worker in a prefork pool, to compare with: `celery --app benchmarks.prefork_worker:app worker --pool=prefork`.

Each child needs an event loop of its own, since a thread does not survive a fork.
"""

from celery.signals import worker_process_init

from medaction_site.celery import app

__all__ = ["app"]


@worker_process_init.connect
def forget_the_parents_engine(**_: object) -> None:
    # Celery has set Django up by now, and not before.
    from diagnosis.tasks.engine import get_engine

    get_engine.cache_clear()
