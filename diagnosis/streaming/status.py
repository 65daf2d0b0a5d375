"""What PostgreSQL says about a job, as far as a reader of its stream needs it."""

from dataclasses import dataclass

from medaction.domain.lifecycle import TERMINAL


@dataclass(frozen=True, slots=True)
class JobStatus:
    """``position`` counts the jobs that wait before this one (None unless it waits); ``next_job`` is the walkthrough's
    newer job, if there is one."""

    job_id: str
    state: str
    attempt: int
    position: int | None = None
    next_job: str | None = None

    @property
    def ended(self) -> bool:
        return self.state in TERMINAL

    @property
    def stream_attempt(self) -> int:
        """The attempt whose log is, or will be, written."""
        return self.attempt + 1 if self.state == "QUEUED" else self.attempt
