"""What PostgreSQL holds, with the invariants stated as constraints and triggers.

Case (immutable revisions) · Trajectory and its append-only TrajectoryNode · Session (one person, one case, one model) ·
GenerationJob (one model turn; ``attempt`` is its fencing number).
"""

from .case import Case
from .job import GenerationJob
from .session import Session
from .trajectory import Trajectory, TrajectoryNode

__all__ = ["Case", "GenerationJob", "Session", "Trajectory", "TrajectoryNode"]
