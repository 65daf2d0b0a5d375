"""One attempt in this process: what the heartbeat must know of it, and how others end it."""

import asyncio
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from diagnosis.services import Progress
from diagnosis.streaming.log import AnswerLog


class Ending(StrEnum):
    """Why a running attempt was ended from outside."""

    STOPPED = "STOPPED"
    """Someone pressed Stop."""
    LOST = "LOST"
    """Another attempt holds the job, or someone ended it: write nothing more."""
    RELEASED = "RELEASED"
    """This worker is going away."""


class RunningTurn:
    """Lives in the event loop. ``end`` cancels the task; the first reason given counts."""

    def __init__(self, job_id: UUID, attempt: int, answer: AnswerLog, task: "asyncio.Task[object]") -> None:
        self.job_id = job_id
        self.attempt = attempt
        self.answer = answer
        self.ending: Ending | None = None
        self.first_token_at: datetime | None = None
        self._task = task
        self._stored = ""

    def saw_text(self) -> None:
        if self.first_token_at is None:
            self.first_token_at = datetime.now(UTC)

    def end(self, reason: Ending) -> None:
        if self.ending is None:
            self.ending = reason
            self._task.cancel()

    def progress(self) -> Progress:
        """What to check in; the text only if it has changed since the last time."""
        text = self.answer.text
        return Progress(self.job_id, self.attempt, text if text != self._stored else None, self.first_token_at)

    def checked_in(self, progress: Progress) -> None:
        if progress.text is not None:
            self._stored = progress.text
