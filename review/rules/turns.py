"""A turn that a person wrote in the place of a model's: what keeps it from being one that a model could have given."""

from medaction.domain.actions import MAX_HYPOTHESES, MAX_TESTS, FinalDiagnosis, TestOrder, Turn
from medaction.domain.orders import split_orders
from medaction.domain.parser import parse_turn
from medaction.domain.transcript import render_turn

from .checking import Gap

REASONING_LIMIT = 2_000
NAME_LIMIT = 160
LEAST_HYPOTHESES = 2


def find_correction_gaps(turn: Turn, original: Turn, *, must_diagnose: bool) -> list[Gap]:
    """Empty when ``turn`` can take the place of ``original``. Fields are named as the page names them."""
    gaps = _reasoning_gaps(turn) + _differential_gaps(turn) + _action_gaps(turn, must_diagnose=must_diagnose)
    if gaps:
        return gaps
    if (turn.reasoning, turn.differential, turn.action) == (original.reasoning, original.differential, original.action):
        return [
            Gap("reasoning", "Nothing differs from the original turn. Change something, or discard the correction.")
        ]
    read = parse_turn(render_turn(turn), must_diagnose=must_diagnose)
    if not read.valid or read.to_dict() != turn.to_dict():
        return [Gap("reasoning", "This turn would be read otherwise than it is written. Use plain words and figures.")]
    return []


def _reasoning_gaps(turn: Turn) -> list[Gap]:
    if not turn.reasoning.strip():
        return [Gap("reasoning", "Write the reasoning: why this order, or this diagnosis.")]
    if len(turn.reasoning) > REASONING_LIMIT:
        return [
            Gap(
                "reasoning",
                f"The reasoning has {len(turn.reasoning):,} characters; a turn takes at most {REASONING_LIMIT:,}. "
                "Shorten it. It is kept as it is.",
            )
        ]
    return []


def _differential_gaps(turn: Turn) -> list[Gap]:
    gaps = []
    if not LEAST_HYPOTHESES <= len(turn.differential) <= MAX_HYPOTHESES:
        gaps.append(Gap("name_1", f"Rank {LEAST_HYPOTHESES} to {MAX_HYPOTHESES} diagnoses."))
    for rank, hypothesis in enumerate(turn.differential, 1):
        if hypothesis.p is None or not 0.01 <= hypothesis.p <= 0.99:
            gaps.append(Gap(f"percent_{rank}", f"Give {hypothesis.dx} a probability from 1 to 99 %."))
        if len(hypothesis.dx) > NAME_LIMIT:
            gaps.append(Gap(f"name_{rank}", f"The name in line {rank} is longer than {NAME_LIMIT} characters."))
    if sum(hypothesis.p or 0 for hypothesis in turn.differential) > 1 + 1e-9:
        gaps.append(Gap("percent_1", "The probabilities add up to more than 100 %."))
    return gaps


def _action_gaps(turn: Turn, *, must_diagnose: bool) -> list[Gap]:
    match turn.action:
        case FinalDiagnosis(dx) if not dx.strip() or len(dx) > NAME_LIMIT:
            return [Gap("diagnosis", f"Write the diagnosis, in at most {NAME_LIMIT} characters.")]
        case FinalDiagnosis():
            return []
        case TestOrder() if must_diagnose:
            return [Gap("diagnosis", "This is the last turn: it can only be a diagnosis.")]
        case TestOrder(tests):
            return _order_gaps(tests)
    return [Gap("orders", "Order a test, or give the diagnosis.")]


def _order_gaps(tests: tuple[str, ...]) -> list[Gap]:
    single = [order for test in tests for order in split_orders(test)]
    if not single:
        return [Gap("orders", "Name at least one test.")]
    if len(single) > MAX_TESTS or len(tests) > MAX_TESTS:
        return [Gap("orders", f"A turn carries out {MAX_TESTS} tests; these are {max(len(single), len(tests))}.")]
    if any(len(test) > NAME_LIMIT for test in tests):
        return [Gap("orders", f"A test is named in at most {NAME_LIMIT} characters.")]
    return []
