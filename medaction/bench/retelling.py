"""An episode out of what was stored of it: a person's walkthrough, or a model's that was kept as a trajectory."""

from collections.abc import Sequence

from medaction.distill.episode import Episode
from medaction.distill.policies import Reply, Step, View
from medaction.domain.actions import FinalDiagnosis, Turn
from medaction.domain.case import Case
from medaction.domain.observation import Observation, Outcome
from medaction.domain.tally import Tally


def retell_episode(
    case: Case, first: Observation, turns: Sequence[tuple[str, Turn]], observations: Sequence[Observation]
) -> Episode:
    """``turns`` as (text as sent, turn), each answered by the observation of its place; a last diagnosis needs none.

    Nothing is answered anew: what was shown then counts, whatever the oracle would say today. Raises ``ValueError``
    without turns, or where observations are missing.
    """
    if not turns or len(observations) not in (len(turns) - 1, len(turns)):
        raise ValueError(f"{len(turns)} turns and {len(observations)} observations after them make no episode")
    answered = [*observations, Observation(f"r{len(turns) + 1}")][: len(turns)]
    steps = tuple(
        Step(Reply(turn, text), observation) for (text, turn), observation in zip(turns, answered, strict=True)
    )
    tally = Tally()
    for observation in answered:
        tally = tally.add(observation.results)
    shown = [result for observation in answered for result in observation.results]
    last = turns[-1][1]
    return Episode(
        case=case,
        view=View(first, steps),
        diagnosis=last.action.dx if last.valid and isinstance(last.action, FinalDiagnosis) else None,
        ranked=steps[-1].reply.ranked,
        cost=tally.cost,
        turns=len(turns),
        orders=len(shown),
        unavailable=sum(result.outcome is Outcome.UNAVAILABLE for result in shown),
        format_failures=sum(not turn.valid for _, turn in turns),
    )
