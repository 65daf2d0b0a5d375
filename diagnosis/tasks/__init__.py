"""Celery: ``run_turn`` for each job, ``sweep`` every few seconds.

decorators  how a task is declared      engine     the process's one event loop, in a thread of its own
turn        asking the model, once or twice         heartbeat  leases, checkpoints and wishes to stop, for all jobs
"""

from diagnosis.tasks.definitions import run_turn, sweep

__all__ = ["run_turn", "sweep"]
