"""Benchmarks: policies over case files, scored by concept.

score    is the diagnosis that was given the truth? same, broader, or neither
interval bootstrap intervals, seeded
run      a policy over cases; the report that ``medaction bench run`` writes
"""

from .run import BenchSettings, run_bench
from .score import Verdict, judge

__all__ = ["BenchSettings", "Verdict", "judge", "run_bench"]
