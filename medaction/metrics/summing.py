"""From the turns of a branch to its score: where None comes from, and why."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from .alignment import find_divergent, score_trajectory, slope
from .battery import NAMES, count_key_tests, plus
from .casebook import CaseView
from .scores import NOTHING, BranchScore, TurnScore
from .settings import METRIC_VERSION, MetricSettings
from .walk import State


def sum_up(
    state: State,
    leaf: int | None,
    case: CaseView,
    is_right: Callable[[str], bool],
    graph: str,
    settings: MetricSettings,
) -> BranchScore:
    """``is_right`` tells whether a name is the truth; ``graph`` is the graph's hash."""
    notes: list[str] = []
    coverage = state.judged.value
    flags = find_divergent([turn.alignment for turn in state.turns], settings)
    turns = tuple(replace(turn, divergent=flag) for turn, flag in zip(state.turns, flags, strict=True))
    groundings = [turn.grounding for turn in turns if turn.grounding is not None]
    correct = None if state.diagnosis is None else is_right(state.diagnosis)
    if correct is False and not case.resolved:
        notes.append("Whether the diagnosis is right is not known: the graph does not know the true one.")
        correct = None
    rac = _assess_updates(turns, coverage, settings, notes)
    return BranchScore(
        leaf=leaf,
        metric_version=METRIC_VERSION,
        graph=graph,
        dtc=_assess_trajectory(state, case, settings, notes),
        rac=rac,
        grounding=sum(groundings) / len(groundings) if groundings else None,
        coverage=coverage,
        correct=correct,
        turns=turns,
        counts=plus(dict.fromkeys(NAMES, NOTHING), state.counts, count_key_tests(state.found, case.key_items)),
        measures={**_measure(state, case, is_right), "rac_new": None if rac is None else _rate_fresh(turns)},
        notes=tuple(notes),
    )


def _assess_trajectory(state: State, case: CaseView, settings: MetricSettings, notes: list[str]) -> float | None:
    alignments = [turn.alignment for turn in state.turns if turn.stated]
    known = [a for a in alignments if a is not None]
    why = None
    if not case.resolved:
        why = "the graph does not know the true diagnosis"
    elif not alignments:
        why = "no turn states a differential"
    elif alignments[-1] is None:
        why = "the graph does not know the diagnoses of the last turn"
    elif len(known) < settings.coverage * len(alignments):
        why = "in most turns the graph knows none of the diagnoses"
    if why:
        notes.append(f"DTC is not assessable: {why}.")
        return None
    return score_trajectory(known, settings)


def _assess_updates(
    turns: Sequence[TurnScore], coverage: float | None, settings: MetricSettings, notes: list[str]
) -> float | None:
    values = [turn.rac for turn in turns if turn.rac is not None]
    if not values or coverage is None:
        notes.append("RAC is not assessable: no turn has a change or a finding that can be judged.")
        return None
    if coverage < settings.coverage:
        notes.append(f"RAC is not assessable: the graph can judge only {coverage:.0%} of changes and findings.")
        return None
    return sum(values) / len(values)


def _measure(state: State, case: CaseView, is_right: Callable[[str], bool]) -> dict[str, float | None]:
    """``rac_new``: RAC by new findings alone. Slopes are per turn; cost in US dollars; p of the last differential."""
    measures: dict[str, float | None] = {
        "dtc_slope": slope([turn.alignment for turn in state.turns]),
        "rac_slope": slope([turn.rac for turn in state.turns]),
        "cost": round(state.cost, 2),
        "turns": float(len(state.turns)),
        "top1_p": None,
        "top1_correct": None,
        "truth_p": None,
    }
    if state.held and case.resolved:
        right = [one for one in state.held if is_right(one.name)]
        measures["top1_p"] = state.held[0].p
        measures["top1_correct"] = float(state.held[0] in right)
        if any(one.p is not None for one in state.held):
            measures["truth_p"] = float(sum(one.p or 0.0 for one in right))
    return measures


def _rate_fresh(turns: Sequence[TurnScore]) -> float | None:
    """As RAC, where an older passage carries nothing, cited or not."""
    values = []
    for turn in turns:
        judged = [change for change in turn.changes if change.supported is not None]
        if judged:
            values.append(sum(change.fresh for change in judged) / len(judged))
        elif turn.rac is not None:
            values.append(turn.rac)
    return sum(values) / len(values) if values else None
