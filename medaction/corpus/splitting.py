"""Which split a case belongs to."""

from collections.abc import Mapping
from hashlib import sha256


def assign_split(group: str, splits: Mapping[str, float], seed: int) -> str:
    """By the group's hash: every case of an article or patient goes the same way, whichever other cases there are."""
    drawn = int.from_bytes(sha256(f"{seed}:{group}".encode()).digest()[:8], "big") / 2**64
    edge = 0.0
    for name, share in splits.items():
        edge += share
        if drawn < edge:
            return name
    return list(splits)[-1]
