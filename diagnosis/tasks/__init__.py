"""Celery: ``run_turn`` for each job, ``compare`` after a person's walkthrough, ``sweep`` every few seconds,
``check_models`` every minute.

decorators  how a task is declared      engine     the process's one event loop, in a thread of its own
turn        asking the model, once or twice         heartbeat  leases, checkpoints and wishes to stop, for all jobs
checking    model releases: registered from the settings, and asked whether they answer
comparing   the knowledge-graph policy's own path through a case that a person has worked up
"""

from diagnosis.tasks.checking import check_models
from diagnosis.tasks.comparing import compare
from diagnosis.tasks.definitions import run_turn, sweep

__all__ = ["check_models", "compare", "run_turn", "sweep"]
