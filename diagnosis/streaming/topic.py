"""One job as its readers in this process see it: which attempt, how far read, who listens."""

from collections.abc import Iterable

from diagnosis.streaming import wire
from diagnosis.streaming.keys import stream_key
from diagnosis.streaming.status import JobStatus
from diagnosis.streaming.subscription import Subscription

Entry = tuple[bytes, dict[bytes, bytes]]


class Topic:
    """``cursor`` is the entry up to which the shared reader has read; a new topic is read from its beginning.

    A subscription that is still being caught up (``joining``) gets live entries kept apart, and one that is caught up
    remembers the entry up to which it was: none is lost between replay and live entries, and none comes twice.
    """

    def __init__(self, job_id: str, attempt: int, *, now: float) -> None:
        self.job_id = job_id
        self.attempt = attempt
        self.key = stream_key(job_id, attempt)
        self.cursor: bytes = wire.START_OF_STREAM
        self.heard_at = now
        self.position: int | None = None
        self.ended = False
        self.subscriptions: dict[Subscription, tuple[int, int]] = {}
        self.joining: dict[Subscription, list[tuple[bytes, bytes]]] = {}

    def deliver(self, entries: Iterable[Entry], *, now: float) -> None:
        """Pass on what the shared reader found."""
        for entry, fields in entries:
            self.cursor = entry
            frame = wire.with_id(self.attempt, entry, fields[wire.FIELD])
            order = wire.entry_order(entry)
            for subscription, replayed in self.subscriptions.items():
                if order > replayed:
                    subscription.push(frame)
            for waiting in self.joining.values():
                waiting.append((entry, frame))
            if wire.is_end(fields[wire.FIELD]):
                self.ended = True
        self.heard_at = now
        if self.ended:
            self.close()

    def join(self, subscription: Subscription, missed: Iterable[Entry], after: bytes) -> None:
        """Hand over what was missed since ``after``; from here on the subscription listens live."""
        replayed = wire.entry_order(replay(subscription, self.attempt, missed) or after)
        for entry, frame in self.joining.pop(subscription, ()):
            if wire.entry_order(entry) > replayed:
                subscription.push(frame)
        if self.ended:
            subscription.close()
        else:
            self.subscriptions[subscription] = replayed

    def follow(self, status: JobStatus, *, now: float) -> bool:
        """Take in what PostgreSQL says. Returns whether the job is on another attempt, whose log is now read."""
        if status.position is not None and status.position != self.position:
            self._tell(wire.queue_frame(status.position))
        self.position = status.position
        self.heard_at = now
        if status.stream_attempt <= self.attempt:
            return False
        self.attempt = status.stream_attempt
        self.key = stream_key(self.job_id, self.attempt)
        self.cursor = wire.START_OF_STREAM
        for waiting in self.joining.values():
            waiting.clear()
        self.subscriptions = dict.fromkeys(self.subscriptions, wire.entry_order(wire.START_OF_STREAM))
        self._tell(wire.reset_frame(self.attempt))
        return True

    def finish(self, status: JobStatus) -> None:
        """The job has ended and its log does not say so: say it from what PostgreSQL knows."""
        self.ended = True
        self._tell(wire.end_frame(status.state, status.next_job))
        self.close()

    def close(self) -> None:
        for subscription in self.subscriptions:
            subscription.close()
        self.subscriptions.clear()

    def _tell(self, frame: bytes) -> None:
        for subscription in (*self.subscriptions, *self.joining):
            subscription.push(frame)


def replay(subscription: Subscription, attempt: int, entries: Iterable[Entry]) -> bytes | None:
    """Hand over stored entries. Returns the last one's id, None when there were none; an end closes."""
    last = None
    for entry, fields in entries:
        subscription.push(wire.with_id(attempt, entry, fields[wire.FIELD]))
        last = entry
        if wire.is_end(fields[wire.FIELD]):
            subscription.close()
    return last
