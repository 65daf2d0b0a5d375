"""Celery: work that computes, in workers of their own (``-Q`` the queue of ``settings.DATASETS``), and its sweep.

definitions      runs, imports, the sweep
versions         versions and exports
graph            updates of the site's graph
benchmarks       benchmark runs
grower, bencher  policies and metrics as this process has them
lease            keeping a piece of work while it is done
"""

from datasets.tasks.benchmarks import bench_chunk, score_humans
from datasets.tasks.definitions import grow_chunk, sweep, take_cases
from datasets.tasks.graph import update_graph
from datasets.tasks.versions import build_version, write_export

__all__ = [
    "bench_chunk",
    "build_version",
    "grow_chunk",
    "score_humans",
    "sweep",
    "take_cases",
    "update_graph",
    "write_export",
]
