"""Benchmarks: policies over case files, scored by concept.

record   one case, run and scored: a record that needs nothing else
report   the figures of a run: a pure function of its records
run      the two put together in this process; crew does it in several, runs keeps it in a directory
"""

from medaction.metrics.judge import Verdict, judge

from .record import bench_case, describe_episode
from .report import MixedRecordsError, build_report
from .run import describe_run, run_bench
from .settings import BenchSettings

__all__ = [
    "BenchSettings",
    "MixedRecordsError",
    "Verdict",
    "bench_case",
    "build_report",
    "describe_episode",
    "describe_run",
    "judge",
    "run_bench",
]
