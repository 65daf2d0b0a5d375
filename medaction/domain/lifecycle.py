"""States of a generation job. Few states; a wish to cancel is a flag beside them, not one of them."""

from enum import StrEnum


class JobState(StrEnum):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED = JobState
TERMINAL = frozenset({SUCCEEDED, FAILED, CANCELLED})
ACTIVE = frozenset({QUEUED, RUNNING})

# RUNNING goes back to QUEUED when its worker is lost and the lease has run out.
TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    QUEUED: frozenset({RUNNING, CANCELLED, FAILED}),
    RUNNING: frozenset({QUEUED, SUCCEEDED, FAILED, CANCELLED}),
    SUCCEEDED: frozenset(),
    FAILED: frozenset(),
    CANCELLED: frozenset(),
}


def may_move(current: str, following: str) -> bool:
    """Whether a job may go from one state to the other. Raises ``ValueError`` for what is not a state."""
    return JobState(following) in TRANSITIONS[JobState(current)]
