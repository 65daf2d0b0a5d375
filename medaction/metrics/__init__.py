"""Scores over a branch: does the hypothesis converge, does evidence drive the changes, are the tests to the point.

Our own operationalisation of Disease Trajectory Consistency (DTC) and Reasoning–Action Consistency (RAC), whose
published formulae are not known; docs/guides/metrics.md defines each figure.
"""

from .scorer import BranchScorer
from .scores import BranchScore, Change, OrderLink, Ratio, TurnScore
from .settings import METRIC_VERSION, MetricSettings
from .tracing import UsedEdge

__all__ = [
    "METRIC_VERSION",
    "BranchScore",
    "BranchScorer",
    "Change",
    "MetricSettings",
    "OrderLink",
    "Ratio",
    "TurnScore",
    "UsedEdge",
]
