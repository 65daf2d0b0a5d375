"""Findings in, diseases out."""

from collections.abc import Iterable, Sequence

import numpy as np

from ..graph import ConceptLike, KnowledgeGraph
from ..model import PRIORS, Ranked
from ..store import Array
from .ranker import best_places

DEFAULT_PRIOR = 1 / 500_000
"""P(disease) for a disease without an authored band: rare, an estimate."""
OPEN_END = 120
"""An authored age range up to this figure has no end."""


def rank_diseases(
    graph: KnowledgeGraph,
    findings: Sequence[tuple[ConceptLike, bool]],
    *,
    count: int = 10,
    among: Iterable[ConceptLike] | None = None,
    without: Iterable[str] = (),
    age: float | None = None,
    sex: str | None = None,
) -> list[Ranked]:
    """All annotated diseases, or those ``among``, by prior and by findings (concept, present?); equivalents once.

    ``score`` is ln(prior) + Σ ``shares``; see :mod:`.ratios`. What was not told counts neither way: the findings may be
    a few of many. ``without``: references whose annotations are left out (``PMID:…``). The order of the findings and
    their repetition do not matter.
    """
    place = graph.ranker.profiles.place
    chosen = np.ones(graph.ranker.profiles.size, np.bool_)
    if among is not None:
        chosen[:] = False
        places = np.array([place[graph.get(concept).index] for concept in among], np.int32)
        chosen[places[places >= 0]] = True
    heads = graph.ranker.profiles.heads
    return _rank(graph, findings, chosen, heads, _priors(graph, heads, age, sex), count, without, in_full=False)


def rank_phenotypes(
    graph: KnowledgeGraph,
    findings: Sequence[tuple[ConceptLike, bool]],
    *,
    count: int = 10,
    without: Iterable[str] = (),
) -> list[Ranked]:
    """Like :func:`rank_diseases`, for a patient described in full by HPO terms: among all diseases that HPO's release
    annotates with findings, each as likely as any other before. What is usual and was not told counts against.
    """
    profiles = graph.ranker.profiles
    return _rank(
        graph, findings, profiles.coded, profiles.coded_heads, np.zeros(profiles.size), count, without, in_full=True
    )


def _rank(
    graph: KnowledgeGraph,
    findings: Sequence[tuple[ConceptLike, bool]],
    chosen: Array,
    heads: Array,
    priors: Array,
    count: int,
    without: Iterable[str],
    *,
    in_full: bool,
) -> list[Ranked]:
    numbers = [(graph.get(finding).index, present) for finding, present in findings]
    listed, ratios, unmet = graph.ranker.shares(numbers, graph.reference_numbers(without))
    scores = np.where(chosen, priors + ratios.sum(0) + (unmet if in_full else 0), -np.inf)
    order = best_places(scores, min(count, int(chosen.sum())))
    concepts = [graph.at(number) for number, _ in listed]
    return [
        Ranked(
            graph.at(int(heads[at])),
            round(float(scores[at]), 4),
            tuple((c, round(float(share), 4)) for c, share in zip(concepts, ratios[:, at], strict=True)),
        )
        for at in order
    ]


def _priors(graph: KnowledgeGraph, heads: Array, age: float | None, sex: str | None) -> Array:
    priors = np.full(len(heads), np.log(DEFAULT_PRIOR))
    at = graph.ranker.profiles.place[[disease.index for disease in graph.prior_table.diseases]]
    priors[at[at >= 0]] = np.log(graph.prior_table.of(age, sex)[at >= 0])
    return priors


def prior_of(graph: KnowledgeGraph, disease: ConceptLike, *, age: float | None = None, sex: str | None = None) -> float:
    """P(disease) for a person of this age and sex: the authored band times the factors that apply; an estimate.

    An age range ends below its upper figure, so that of two that touch only one applies; one to 120 has no end.
    """
    card = graph.card(disease)
    if card is None:
        return DEFAULT_PRIOR
    prior = PRIORS[card["prior"]["band"]]
    for row in card["demographics"]:
        fits_sex = row["sex"] == "any" or sex == row["sex"]
        fits_age = (age is None and (row["low"], row["high"]) == (0, 120)) or (
            age is not None and row["low"] <= age and (age < row["high"] or row["high"] >= OPEN_END)
        )
        if fits_sex and fits_age:
            prior *= row["factor"]
    return float(min(max(prior, 1e-9), 0.5))
