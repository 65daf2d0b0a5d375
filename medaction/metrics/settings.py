"""Thresholds and constants of the metrics. The defaults are those of our specification; none is from the paper."""

from dataclasses import asdict, dataclass
from typing import Any

METRIC_VERSION = "2"
"""Raised whenever the same branch, case, graph and settings would give another value."""


@dataclass(frozen=True, slots=True)
class MetricSettings:
    """DTC: ``gamma`` weighs ranks, ``slack`` (ε) is a fall of alignment that still counts as holding, ``drop`` one
    that is divergent, ``adrift`` the alignment below which the first turn is divergent.

    RAC: ``shift`` is the least change of a probability that counts, ``strong`` the likelihood ratio against the leading
    diagnosis that asks for a change. ``coverage``: with less than this, a score is not assessable.

    Battery: below ``unlike`` in similarity a new leader is a jump; ``key`` is the likelihood ratio at which a menu
    item's result makes it a key test of the case. ``broader`` bounds similarity where a name was linked only after a
    qualifier was set aside.
    """

    gamma: float = 0.8
    slack: float = 0.05
    drop: float = 0.2
    adrift: float = 0.1
    shift: float = 0.1
    strong: float = 10.0
    coverage: float = 0.5
    unlike: float = 0.2
    key: float = 5.0
    broader: float = 0.95

    def __post_init__(self) -> None:
        for name in ("gamma", "slack", "drop", "adrift", "shift", "coverage", "unlike", "broader"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be from 0 to 1, not {getattr(self, name)}")
        for name in ("strong", "key"):
            if not getattr(self, name) > 1:
                raise ValueError(f"{name} is a likelihood ratio and must be above 1, not {getattr(self, name)}")

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)
