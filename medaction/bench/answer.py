"""What was answered in the end, and how near it came."""

from typing import Any

from medaction.distill.episode import Episode
from medaction.knowledge import KnowledgeGraph
from medaction.metrics.judge import Verdict, is_decided, judge


def describe_answer(episode: Episode, graph: KnowledgeGraph) -> dict[str, Any]:
    """``rank`` counts from 1; None when the truth is not among the diagnoses listed. ``verdict`` is the first one's.

    ``decided``: whether concept match knew both names exactly, or nothing was answered. ``p`` is what the last turn
    gave to its diagnosis, ``truth_p`` to the truth; None where it did not say.
    """
    truth = episode.case.diagnosis
    verdicts = [judge(graph, truth, name) for name in episode.ranked]
    rank = next((place for place, verdict in enumerate(verdicts, start=1) if verdict is Verdict.SAME), None)
    answered = episode.diagnosis is not None
    stated = {hypothesis.dx: hypothesis.p for hypothesis in episode.view.steps[-1].reply.turn.differential}
    known = [(dx, p) for dx, p in stated.items() if p is not None]
    truth_p = sum(p for dx, p in known if judge(graph, truth, dx) is Verdict.SAME)
    return {
        "truth": truth.text,
        "given": episode.diagnosis,
        "rank": rank if answered else None,
        "verdict": (verdicts[0] if verdicts and answered else Verdict.OTHER).value,
        "decided": episode.diagnosis is None or is_decided(graph, truth, episode.ranked[0]),
        "ranked": list(episode.ranked),
        "p": stated.get(episode.diagnosis) if episode.diagnosis is not None else None,
        "truth_p": round(min(truth_p, 1.0), 4) if known else None,
    }
