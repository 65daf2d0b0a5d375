"""Whether the probability that an answer carries can be believed."""

from collections.abc import Mapping, Sequence
from typing import Any

LEAST = 30
"""With fewer answers that carry a probability nothing is shown: a bin of three says nothing."""
BINS = 10


def calibrate_records(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """``brier``: mean of (p - right)² (Brier 1950). ``ece``: over ten equal bins of p, the gap between mean p and the
    share that is right, weighted by the bin's n (Guo 2017). ``bins`` hold n, mean p and that share.

    Below :data:`LEAST` answers with a p all three are None, and ``hidden`` says why.
    """
    pairs = [
        (float(record["p"]), float(record["rank"] == 1))
        for record in records
        if record["given"] is not None and record["p"] is not None
    ]
    told = {"n": len(pairs), "missing": len(records) - len(pairs)}
    if len(pairs) < LEAST:
        why = f"{len(pairs)} answers carry a probability; calibration is shown from {LEAST} on"
        return {**told, "brier": None, "ece": None, "bins": None, "hidden": why}
    held: list[list[tuple[float, float]]] = [[] for _ in range(BINS)]
    for p, right in pairs:
        held[min(int(p * BINS), BINS - 1)].append((p, right))
    bins = [
        {
            "from": place / BINS,
            "to": (place + 1) / BINS,
            "n": len(inside),
            "p": round(sum(p for p, _ in inside) / len(inside), 4) if inside else None,
            "right": round(sum(right for _, right in inside) / len(inside), 4) if inside else None,
        }
        for place, inside in enumerate(held)
    ]
    gaps = [abs(sum(p for p, _ in inside) - sum(right for _, right in inside)) for inside in held]
    return {
        **told,
        "brier": round(sum((p - right) ** 2 for p, right in pairs) / len(pairs), 4),
        "ece": round(sum(gaps) / len(pairs), 4),
        "bins": bins,
        "hidden": None,
    }
