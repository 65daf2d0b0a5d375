"""Records with a judge beside them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from medaction.bench.statistics import estimate
from medaction.metrics.judge import Verdict

from .asking import Pair, judge_hash
from .ruling import Ruling

Record = Mapping[str, Any]


def pair_of(record: Record) -> Pair:
    return Pair(record["truth"], record["given"] or "", tuple(record.get("aliases", ())))


def list_undecided(records: Iterable[Record]) -> list[Pair]:
    """The pairs that concept match cannot decide: a name that the graph does not know exactly. Each once."""
    return list(dict.fromkeys(pair_of(record) for record in records if _is_open(record)))


def summarise_judged(
    records: Sequence[Record], rulings: Mapping[Pair, Ruling], judge: str, *, seed: int = 0
) -> dict[str, Any]:
    """What a report gains. ``top1`` counts as right what concept match found right, and of what it could not decide
    what the judge ruled the same; an undecided pair is not right, and is counted."""
    ruled = [rulings.get(pair_of(record)) if _is_open(record) else None for record in records]
    right = [float(r["rank"] == 1 or ruling is Ruling.SAME) for r, ruling in zip(records, ruled, strict=True)]
    top1 = estimate(right, [r["group"] for r in records], share=True, seed=seed)
    asked = [ruling for ruling in ruled if ruling is not None]
    return {
        "model": judge,
        "prompt": judge_hash(),
        "asked": len(asked),
        **{ruling.value: asked.count(ruling) for ruling in Ruling},
        "top1": top1["value"],
        "top1_ci": top1["ci"],
        "n": len({record["id"] for record in records}),
        "what": "concept match first; the judge only where it cannot decide; an undecided pair is not right",
        "cases": [
            {"id": r["id"], "sample": r["sample"], "given": r["given"], "ruling": ruling.value}
            for r, ruling in zip(records, ruled, strict=True)
            if ruling is not None
        ],
    }


def _is_open(record: Record) -> bool:
    """A record of before this was written down counts as open where a name is unknown."""
    return bool(record["given"]) and not record.get("decided", record["verdict"] != Verdict.UNLINKED)
