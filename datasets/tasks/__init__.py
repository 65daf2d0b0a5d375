"""Celery: work that computes, in workers of their own (``-Q`` the queue of ``settings.DATASETS``), and its sweep.

definitions  the tasks      lease  keeping a piece of work while it is done
"""

from datasets.tasks.definitions import sweep, take_cases

__all__ = ["sweep", "take_cases"]
