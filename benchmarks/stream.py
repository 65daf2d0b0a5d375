"""What one stream delivered, and when. Times are `time.monotonic()`, on the one clock that all processes share."""

import itertools
import time
from dataclasses import dataclass, field


@dataclass
class Stream:
    """In an answer of the `stamps` shape each word is the nanosecond at which the upstream sent it."""

    asked_at: float = 0.0
    answered_at: float = 0.0
    first_at: float = 0.0
    ended_at: float = 0.0
    state: str = ""
    parts: dict[str, str] = field(default_factory=dict)
    arrivals: list[tuple[float, int]] = field(default_factory=list)
    repeated: int = 0
    _number: int = 0
    _carry: str = ""

    def take_event(self, number: int, parts: list[list[str]], *, replace: bool) -> None:
        """Take an event once, as the page does: after a resume the server may repeat what was already seen."""
        if replace:
            self.parts, self.arrivals, self._carry = {}, [], ""
        elif number <= self._number:
            self.repeated += 1
            return
        self._number = number
        self.take_parts(parts)

    def take_parts(self, parts: list[list[str]]) -> None:
        now = time.monotonic()
        known = len(self.parts.get("reasoning", ""))
        for path, text in parts:
            self.parts[path] = self.parts.get(path, "") + text
        self.first_at = self.first_at or (now if self.parts else 0.0)
        self.take_words(self.parts.get("reasoning", "")[known:], now)

    def take_words(self, text: str, now: float) -> None:
        """Note when each whole stamp in `text` arrived."""
        *words, self._carry = (self._carry + text).split(" ")
        stamps = (word.rpartition('"')[2] for word in words)
        self.arrivals += [(now, int(stamp)) for stamp in stamps if stamp.isdigit()]

    def end(self, state: str) -> None:
        self.state = state
        self.ended_at = time.monotonic()

    def delays(self, start: float, stop: float) -> list[float]:
        """Seconds from upstream to here, of the words that arrived in this window."""
        return [now - stamp / 1e9 for now, stamp in self.arrivals if start <= now < stop]

    def faults(self, expected: int) -> int:
        """Words that did not arrive, came twice, or came out of their order."""
        stamps = [stamp for _, stamp in self.arrivals]
        misplaced = sum(later <= earlier for earlier, later in itertools.pairwise(stamps))
        return abs(expected - len(set(stamps))) + misplaced
