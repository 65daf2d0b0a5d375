"""What PostgreSQL holds of the making of data, with the invariants stated as constraints and triggers.

DistillationRun, its RunChunks (what a worker takes) and RunCases (one tree each; the tree itself is a
``diagnosis.Trajectory``) · Score (append-only) · Selection and its Verdicts (append-only) · Dataset, DatasetVersion
(frozen once built, from selections or from a ReviewSnapshot, which never changes), SplitGroup, Export · CaseImport,
CaseCheck · Benchmark with its BenchmarkCases, BenchmarkRun with its BenchmarkChunks and BenchmarkResults (one
trajectory each), HumanStanding (what people made of it) · GraphUpdate with its RescoredTrees and VerdictChanges
(append-only). ``Work`` is what they share that workers do.
"""

from .benchmark import Benchmark, BenchmarkCase, BenchmarkChunk, BenchmarkResult, BenchmarkRun
from .check import CaseCheck
from .dataset import Dataset, DatasetVersion, Export, SplitGroup
from .graph_update import GraphUpdate, RescoredTree, VerdictChange
from .intake import CaseImport
from .run import DistillationRun, RunCase, RunChunk
from .score import Score
from .selection import Selection, Verdict
from .snapshot import ReviewSnapshot
from .standing import HumanStanding
from .work import LIVE_STATES, Work

__all__ = [
    "LIVE_STATES",
    "Benchmark",
    "BenchmarkCase",
    "BenchmarkChunk",
    "BenchmarkResult",
    "BenchmarkRun",
    "CaseCheck",
    "CaseImport",
    "Dataset",
    "DatasetVersion",
    "DistillationRun",
    "Export",
    "GraphUpdate",
    "HumanStanding",
    "RescoredTree",
    "ReviewSnapshot",
    "RunCase",
    "RunChunk",
    "Score",
    "Selection",
    "SplitGroup",
    "Verdict",
    "VerdictChange",
    "Work",
]
