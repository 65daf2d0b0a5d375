"""How long to wait for a model, in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Limits of one model call, in seconds.

    `connect`: until the TCP (and TLS) connection stands. `first_token`: from the start of the call to the
    first piece of text. `idle`: between two pieces of text. `total`: the whole answer.
    """

    connect: float = 5.0
    first_token: float = 30.0
    idle: float = 20.0
    total: float = 300.0

    def __post_init__(self) -> None:
        if min(self.connect, self.first_token, self.idle, self.total) <= 0:
            raise ValueError("every timeout must be a positive number of seconds")
