"""The short form of a trajectory that a report shows: what led, what was ordered, and where the truth stood."""

from collections.abc import Callable
from typing import Any

from medaction.distill.episode import Episode
from medaction.distill.policies import Step
from medaction.domain.actions import FinalDiagnosis, TestOrder
from medaction.domain.branch import FIRST_TURN
from medaction.metrics import BranchScore, TurnScore


def trace_path(episode: Episode, score: BranchScore | None, is_right: Callable[[str], bool]) -> list[dict[str, Any]]:
    """One entry a turn of the policy. ``truth_rank`` and ``truth_p`` are of the differential as it stood then: None
    where the truth was not listed, and where no probability was stated."""
    steps = episode.view.steps[-episode.turns :]
    scores: list[TurnScore | None] = [None] * len(steps) if score is None else list(score.turns)
    return [
        _trace(number, step, turn, is_right)
        for number, (step, turn) in enumerate(zip(steps, scores, strict=True), start=FIRST_TURN)
    ]


def _trace(number: int, step: Step, score: TurnScore | None, is_right: Callable[[str], bool]) -> dict[str, Any]:
    turn = step.reply.turn
    final = turn.action.dx if turn.valid and isinstance(turn.action, FinalDiagnosis) else None
    stated = {hypothesis.dx: hypothesis.p for hypothesis in turn.differential}
    names = list(dict.fromkeys(([final] if final is not None else []) + list(stated)))
    right = [is_right(name) for name in names]
    known = any(p is not None for p in stated.values())
    truth_p = sum(stated.get(name) or 0.0 for name, same in zip(names, right, strict=True) if same)
    return {
        "turn": number,
        "leader": names[0] if names else None,
        "leader_p": stated.get(names[0]) if names else None,
        "truth_rank": right.index(True) + 1 if True in right else None,
        "truth_p": round(min(truth_p, 1.0), 4) if known else None,
        "diagnosis": final,
        "orders": [[result.order, result.outcome.value] for result in step.observation.results],
        "asked": isinstance(turn.action, TestOrder),
        "valid": turn.valid,
        **({} if score is None else _scored(score)),
    }


def _scored(score: TurnScore) -> dict[str, Any]:
    values = {"alignment": score.alignment, "rac": score.rac, "grounding": score.grounding}
    return {name: None if value is None else round(value, 4) for name, value in values.items()}
