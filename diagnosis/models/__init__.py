"""What PostgreSQL holds, with the invariants stated as constraints and triggers.

Case (immutable revisions) · Trajectory and its append-only TrajectoryNode · Session (one person, one case; a model
or the person takes the turns) · GenerationJob (one turn; ``attempt`` is its fencing number) · Comparison (a policy's
path beside a person's own) · ModelRelease (a model as it may be used, with its kill switch) and its append-only
ReleaseEvents.
"""

from .case import Case
from .comparison import Comparison
from .job import GenerationJob
from .release import ModelRelease, ReleaseEvent
from .session import HUMAN, Session
from .trajectory import Trajectory, TrajectoryNode

__all__ = [
    "HUMAN",
    "Case",
    "Comparison",
    "GenerationJob",
    "ModelRelease",
    "ReleaseEvent",
    "Session",
    "Trajectory",
    "TrajectoryNode",
]
