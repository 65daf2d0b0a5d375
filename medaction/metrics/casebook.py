"""What scoring knows of one case: its truth, its menu, and which of its tests are the key ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log

from medaction.domain.case import Case, MenuItem
from medaction.knowledge import Concept, KnowledgeGraph
from medaction.knowledge.extraction import Patient, read_patient
from medaction.knowledge.text import fold

from .differential import Held
from .facts import FactReader
from .judge import resolve_truth
from .orders import Order
from .scores import OrderLink
from .settings import MetricSettings
from .weighing import Scales

_OPENING = 600
"""Characters of a case text in which age and sex stand."""


@dataclass(frozen=True, slots=True)
class CaseView:
    """``exact``: concepts that the truth is; ``near``: concepts of which it is a kind. Both empty: not resolved.

    ``key_items``: menu items whose result argues for the truth, None when the truth is not resolved. ``alike`` and
    ``links`` remember what was worked out for this case.
    """

    names: frozenset[str]
    exact: tuple[Concept, ...]
    near: tuple[Concept, ...]
    patient: Patient
    menu: Mapping[str, MenuItem]
    key_items: frozenset[str] | None
    alike: dict[tuple[str, bool], float | None] = field(default_factory=dict, compare=False)
    links: dict[tuple[Order, tuple[str, ...]], OrderLink] = field(default_factory=dict, compare=False)

    @property
    def resolved(self) -> bool:
        return bool(self.exact or self.near)


def view_case(case: Case, facts: FactReader, scales: Scales, settings: MetricSettings) -> CaseView:
    exact, near = resolve_truth(scales.graph, case.diagnosis)
    patient = read_patient(case.o1[:_OPENING])
    key_items = None
    if truth := (exact or near)[:1]:
        number = truth[0].index
        key_items = frozenset(
            item.key
            for item in case.menu
            if any(scales.log_ratio(f, number) >= log(settings.key) - 1e-9 for f in facts.read_item(item, patient))
        )
    names = frozenset(filter(None, map(fold, (case.diagnosis.text, *case.diagnosis.aliases))))
    return CaseView(names, tuple(exact), tuple(near), patient, {item.key: item for item in case.menu}, key_items)


def likeness(held: Held, case: CaseView, graph: KnowledgeGraph, ceiling: float) -> float | None:
    """s(d, d*): 1 for the truth by concept or by name; None when either side is not resolved.

    Where a name was linked only after a qualifier was set aside, s is at most ``ceiling``.
    """
    key = (held.name, held.exact)
    if key not in case.alike:
        case.alike[key] = _compare(held, case, graph, ceiling)
    return case.alike[key]


def _compare(held: Held, case: CaseView, graph: KnowledgeGraph, ceiling: float) -> float | None:
    if fold(held.name) in case.names:
        return 1.0
    if held.concept is None:
        return None
    found = [graph.similarity(held.concept, truth) or 0.0 for truth in case.exact]
    if found and held.exact:
        return max(found)
    found += [graph.similarity(held.concept, truth) or 0.0 for truth in case.near]
    return min(max(found), ceiling) if found else None
