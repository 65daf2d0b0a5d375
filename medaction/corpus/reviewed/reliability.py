"""How far a rater is to be trusted, and how far raters agree."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from medaction.agreement import Agreement, Level, Ratings, krippendorff_alpha, percent_agreement
from medaction.corpus.errors import CorpusError

from .policy import Pass, Reliability
from .records import JudgedTree
from .review_set import Gold

Place = tuple[str, int, int]


class Labels:
    """All labels of one pass, as (rater, turn of a branch, label); corrections and votes are no labels."""

    def __init__(self, trees: Iterable[JudgedTree], stage: Pass) -> None:
        self.by_turn: dict[Place, dict[str, int]] = defaultdict(dict)
        self.raters: set[str] = set()
        self.trees = 0
        for tree in trees:
            self.trees += 1
            for judgement in tree.judgements:
                if judgement.stage is not stage:
                    continue
                self.raters.add(judgement.rater)
                for number, step in judgement.steps.items():
                    if step.label is not None:
                        self.by_turn[tree.key, judgement.leaf, number][judgement.rater] = step.label

    def triples(self) -> Iterator[tuple[str, Place, int]]:
        for place, said in self.by_turn.items():
            for rater, label in said.items():
                yield rater, place, label

    def agreement(self) -> dict[str, Any]:
        """Alpha over the turns, ordinal and nominal, and plain percent; a figure that is not defined says why."""
        ratings = Ratings(self.triples())
        figures = {
            "alpha_ordinal": krippendorff_alpha(ratings, Level.ORDINAL),
            "alpha_nominal": krippendorff_alpha(ratings, Level.NOMINAL),
            "percent": percent_agreement(ratings),
        }
        return {name: _tell(figure) for name, figure in figures.items()}


def weigh_raters(labels: Labels, gold: Mapping[str, Gold], reliability: Reliability) -> dict[str, float]:
    """Each rater's weight, above 0 and below 1: (same + 1) / (compared + 2).

    That is the mean of what is believed of the share in which they are right, begun from nothing known (Laplace's rule
    of succession); who was compared with nothing has ½. GOLD compares with the references of gold items, AGREEMENT
    with each other rater's label of the same turn. Raises :class:`CorpusError` where there is nothing to compare with.
    """
    same: Counter[str] = Counter()
    compared: Counter[str] = Counter()
    if reliability is Reliability.GOLD:
        for rater, found in gold.items():
            same[rater], compared[rater] = found.same, found.count
    else:
        for said in labels.by_turn.values():
            for rater, label in said.items():
                others = [other for name, other in said.items() if name != rater]
                same[rater] += others.count(label)
                compared[rater] += len(others)
    if not any(compared[rater] for rater in labels.raters):
        missing = {
            Reliability.GOLD: "nobody has judged a gold item, so weights cannot come from gold answers",
            Reliability.AGREEMENT: "no turn was labelled by two reviewers, so weights cannot come from agreement",
        }
        raise CorpusError(f"{missing[reliability]}; use another policy, or another source of weights")
    return {rater: round((same[rater] + 1) / (compared[rater] + 2), 4) for rater in sorted(labels.raters)}


def _tell(figure: Agreement) -> dict[str, Any]:
    return {
        "value": None if figure.value is None else round(figure.value, 4),
        "interval": None if figure.interval is None else [round(end, 4) for end in figure.interval],
        "turns": figure.items,
        "raters": figure.raters,
        "ratings": figure.ratings,
        "reason": None if figure.reason is None else figure.reason.value,
    }
