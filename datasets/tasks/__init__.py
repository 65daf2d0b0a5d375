"""Celery: work that computes, in workers of their own (``-Q`` the queue of ``settings.DATASETS``), and its sweep.

definitions  the tasks      lease   keeping a piece of work while it is done
grower       policies and metrics as this process has them
"""

from datasets.tasks.definitions import grow_chunk, sweep, take_cases

__all__ = ["grow_chunk", "sweep", "take_cases"]
