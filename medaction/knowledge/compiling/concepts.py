"""Every concept once, numbered in the order of its id, so that an id is found by binary search."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from ..store import Array, pack_strings
from .inputs import Inputs

KINDS = ("disease", "finding", "test", "modifier")
PHENOTYPE_ROOTS = ("HP:0000118", "HP:0032443")


@dataclass(slots=True)
class ConceptTable:
    """``ids`` sorted; ``index`` their positions; ``alternates`` other ids of the same concept."""

    ids: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    index: dict[str, int] = field(default_factory=dict)
    alternates: dict[str, int] = field(default_factory=dict)
    must_not_miss: dict[int, bool] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def find(self, concept_id: str) -> int:
        """The number of an id or alternate id; KeyError when unknown."""
        found = self.index.get(concept_id)
        return self.alternates[concept_id] if found is None else found

    def arrays(self) -> dict[str, Array]:
        blob, offsets = pack_strings(self.names)
        flags = np.full(len(self), -1, np.int8)
        for number, flag in self.must_not_miss.items():
            flags[number] = flag
        alternates = sorted(self.alternates.items())
        return {
            "concept_ids": np.array(self.ids, dtype="S"),
            "concept_name_blob": blob,
            "concept_name_starts": offsets,
            "concept_kinds": np.array(self.kinds, np.uint8),
            "concept_must_not_miss": flags,
            "alternate_ids": np.array([name for name, _ in alternates], dtype="S"),
            "alternate_concepts": np.array([number for _, number in alternates], np.int32),
        }


def build_concepts(inputs: Inputs, groups: dict[str, str]) -> ConceptTable:
    """``groups``: derived parents of disease series, id to name. HPO outside its phenotypes becomes ``modifier``."""
    authored = {f.hpo or f.id: f.name for f in inputs.findings}
    rows: dict[str, tuple[str, str]] = {}
    for term in inputs.hpo.terms.values():
        if not term.obsolete:
            rows[term.id] = (authored.get(term.id, term.name), "modifier")
    for term_id in _below(inputs, PHENOTYPE_ROOTS):
        rows[term_id] = (rows[term_id][0], "finding")
    rows.update((f.id, (f.name, "finding")) for f in inputs.findings if not f.hpo)
    rows.update((disease, (name, "disease")) for disease, name in inputs.annotations.names.items())
    rows.update((f"ICD10CM:{node.code}", (node.name, "disease")) for node in inputs.icd.nodes.values())
    rows.update((group, (name, "disease")) for group, name in groups.items())
    rows.update((disease.id, (disease.name, "disease")) for disease in inputs.diseases)
    rows.update((f"TEST:{test.key}", (test.name, "test")) for test in inputs.tests.values())
    table = ConceptTable()
    for number, concept_id in enumerate(sorted(rows)):
        name, kind = rows[concept_id]
        table.ids.append(concept_id)
        table.names.append(name)
        table.kinds.append(KINDS.index(kind))
        table.index[concept_id] = number
    for disease in inputs.diseases:
        table.must_not_miss[table.index[disease.id]] = disease.must_not_miss
    _add_alternates(inputs, table)
    return table


def _below(inputs: Inputs, roots: Iterable[str]) -> set[str]:
    children: dict[str, list[str]] = {}
    for term in inputs.hpo.terms.values():
        for parent in term.parents:
            children.setdefault(parent, []).append(term.id)
    found: set[str] = set()
    waiting = [root for root in roots if root in inputs.hpo.terms]
    while waiting:
        term_id = waiting.pop()
        if term_id not in found and not inputs.hpo.terms[term_id].obsolete:
            found.add(term_id)
            waiting += children.get(term_id, ())
    return found


def _add_alternates(inputs: Inputs, table: ConceptTable) -> None:
    for term in inputs.hpo.terms.values():
        target = term.replaced_by if term.obsolete else term.id
        if target in table.index:
            for alternate in (*term.alt_ids, *([term.id] if term.obsolete else [])):
                if alternate not in table.index:
                    table.alternates[alternate] = table.index[target]
    table.alternates.update((f.id, table.index[f.hpo]) for f in inputs.findings if f.hpo)
