"""Benchmarks: policies over case files, scored by concept.

run           a policy over cases; the report that ``medaction bench run`` writes
trajectories  DTC, RAC and the failure-mode battery of those runs
"""

from medaction.metrics.judge import Verdict, judge

from .run import BenchSettings, run_bench

__all__ = ["BenchSettings", "Verdict", "judge", "run_bench"]
