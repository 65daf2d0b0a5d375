"""Whether stated probabilities can be believed."""

from collections.abc import Sequence
from typing import Any

from .scores import BranchScore

BINS = 10


def calibrate(scores: Sequence[BranchScore]) -> dict[str, Any]:
    """Of the leading diagnosis in the last turn: Brier score and expected calibration error; None without any p.

    Brier: mean of (p - right)². ECE: over ten equal bins of p, the gap between mean p and the share that is right,
    weighted by the bin's size (Guo 2017). ``truth_p``: the mean probability given to the truth.
    """
    pairs = [
        (p, right)
        for score in scores
        if (p := score.measures.get("top1_p")) is not None and (right := score.measures.get("top1_correct")) is not None
    ]
    truth = [p for score in scores if (p := score.measures.get("truth_p")) is not None]
    bins: list[list[tuple[float, float]]] = [[] for _ in range(BINS)]
    for p, right in pairs:
        bins[min(int(p * BINS), BINS - 1)].append((p, right))
    gaps = [abs(sum(p for p, _ in held) - sum(right for _, right in held)) for held in bins if held]
    return {
        "n": len(pairs),
        "missing": len(scores) - len(pairs),
        "brier": round(sum((p - right) ** 2 for p, right in pairs) / len(pairs), 4) if pairs else None,
        "ece": round(sum(gaps) / len(pairs), 4) if pairs else None,
        "truth_p": round(sum(truth) / len(truth), 4) if truth else None,
    }
