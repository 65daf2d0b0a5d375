"""Synthetic cases out of the authored layer of the graph: one disease, and its findings by how often it has them.

Each case is marked synthetic. They are for training where no case of a common disease may be used. What a case says is
what the graph holds, so they say nothing of how good a policy that reads the same graph is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from medaction.domain.canonical import content_hash
from medaction.domain.case import Case, Category, Demographics, Diagnosis, MenuItem
from medaction.domain.catalogue import CatalogueEntry, load_catalogue
from medaction.knowledge import Concept, Edge, KnowledgeGraph

from .shape import derive_seed

SOURCE = "MedAction synthetic cases (sampled from the authored graph)"
TOLD, ASIDE, RIVALS = 3, 2, 3
"""Complaints told at once; those told beside them; competitors whose tests are in the menu too, without a finding."""
LEAST_TOLD, LEAST_TESTS = 2, 2


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What one patient has, by where it is found out."""

    told: tuple[str, ...]
    results: dict[str, list[str]]


def draw_cases(graph: KnowledgeGraph, count: int, seed: int) -> Iterator[Case]:
    """``count`` cases of different diseases, the commoner the likelier (square root of the prior)."""
    diseases = graph.list_authored()
    weights = np.sqrt([float((graph.card(disease) or {})["prior"]["p"]) for disease in diseases])
    lot = np.random.Generator(np.random.PCG64(derive_seed(seed, "diseases")))
    order = np.argsort(-(np.log(weights) + lot.gumbel(size=len(diseases))), kind="stable")
    made = (draw_case(graph, diseases[place], seed) for place in order.tolist())
    for case, _ in zip(filter(None, made), range(count), strict=False):
        yield case


def draw_case(graph: KnowledgeGraph, disease: Concept, seed: int) -> Case | None:
    """One patient; None where the draw tells too little to make a case."""
    card = graph.card(disease) or {}
    lot = np.random.Generator(np.random.PCG64(derive_seed(seed, disease.id)))
    age, sex = _draw_person(card.get("demographics", ()), lot)
    drawn = _draw_findings(graph, disease, sex, lot)
    for rival in graph.competitors(disease)[:RIVALS]:
        for edge in graph.tests_of(rival.disease):
            drawn.results.setdefault(edge.test.id.removeprefix("TEST:"), [])
    menu = tuple(_items(drawn.results))
    if len(drawn.told) < LEAST_TOLD or sum(bool(found) for found in drawn.results.values()) < LEAST_TESTS:
        return None
    case = Case(
        id="",
        title=f"{_person(age, sex).capitalize()} with {drawn.told[0]}",
        source=SOURCE,
        licence="Apache-2.0",
        group_key=f"synthetic:{disease.id}",
        demographics=Demographics(age_years=age, sex=sex, note=""),
        o1=_tell(age, sex, drawn.told),
        menu=menu,
        diagnosis=Diagnosis(disease.name, (), (disease.id,)),
        synthetic=True,
        specialty=str(card.get("system", "general")),
    )
    return replace(case, id=f"synthetic-{content_hash([seed, case.to_dict()])[:12]}")


def _draw_person(demographics: Sequence[dict[str, object]], lot: np.random.Generator) -> tuple[float, str]:
    ages, sexes = lot.integers(2, 90, size=24), lot.choice(["female", "male"], size=24)
    weights = np.ones(24)
    for row in demographics:
        low, high, factor = (float(str(row[key])) for key in ("low", "high", "factor"))
        fits = (ages >= low) & (ages < high) & ((row["sex"] == "any") | (sexes == row["sex"]))
        weights[fits] *= factor
    weights = weights + 1e-9
    place = int(lot.choice(24, p=weights / weights.sum()))
    return float(ages[place]), str(sexes[place])


def _draw_findings(graph: KnowledgeGraph, disease: Concept, sex: str, lot: np.random.Generator) -> _Drawn:
    catalogue = load_catalogue()
    named = {edge.finding.index: edge.test.id.removeprefix("TEST:") for edge in graph.tests_of(disease)}
    told: list[tuple[float, str]] = []
    results: dict[str, list[str]] = {key: [] for key in named.values() if key in catalogue}
    for edge in graph.edges_of(disease):
        if not _is_had(edge, sex, lot) or edge.finding.name.casefold() == disease.name.casefold():
            continue
        offered = [edge.test.id.removeprefix("TEST:") for edge in graph.tests_for(edge.finding)]
        keys = [key for key in (named.get(edge.finding.index, ""), *offered) if key in catalogue]
        if not keys:
            continue
        name = _lower(edge.finding.name)
        if catalogue[keys[0]].category is Category.HISTORY:
            told.append((edge.p or 0.0, name))
        else:
            results.setdefault(keys[0], []).append(name)
    told.sort(key=lambda one: (-one[0], one[1]))
    return _Drawn(tuple(dict.fromkeys(name for _, name in told))[: TOLD + ASIDE], results)


def _is_had(edge: Edge, sex: str, lot: np.random.Generator) -> bool:
    chance = lot.random()
    fits = edge.sex is None or edge.sex == sex
    return fits and edge.polarity == "present" and edge.aspect in "PH" and edge.p is not None and chance < edge.p


def _items(results: dict[str, list[str]]) -> Iterator[MenuItem]:
    catalogue = load_catalogue()
    for key, found in results.items():
        if key in catalogue:
            yield _item(catalogue[key], found)


def _item(entry: CatalogueEntry, found: list[str]) -> MenuItem:
    text = "; ".join(dict.fromkeys(found))
    return MenuItem(
        key=entry.key,
        name=entry.name,
        category=entry.category,
        result=f"{text[:1].upper()}{text[1:]}." if text else "No abnormality.",
        cost=entry.cost,
        cost_source=entry.cost_source,
        turnaround_minutes=entry.turnaround_minutes,
        turnaround_source=entry.turnaround_source,
        risk=entry.risk,
        risk_source=entry.risk_source,
    )


def _person(age: float, sex: str) -> str:
    child = {"female": "girl", "male": "boy"}[sex]
    return f"a {age:.0f}-year-old {child if age < 16 else {'female': 'woman', 'male': 'man'}[sex]}"


def _tell(age: float, sex: str, told: Sequence[str]) -> str:
    pronoun = {"female": "She", "male": "He"}[sex]
    first = f"{_person(age, sex).capitalize()} presents with {_joined(told[:TOLD])}."
    aside = told[TOLD:]
    return f"{first} {pronoun} also reports {_joined(aside)}." if aside else first


def _joined(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:] if name[1:2].islower() else name
