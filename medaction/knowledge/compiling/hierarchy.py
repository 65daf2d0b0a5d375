"""What is a what: parents, equivalents, ancestors, and how informative each concept is."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np

from ..problems import KnowledgeError, Problem
from ..store import Array, pack_rows
from ..text import fold
from .concepts import ConceptTable
from .inputs import Inputs

_SERIES = re.compile(r"^(.{6,}?)(?: type)? \d{1,3}[a-z]{0,2}$")
_RANKS = ("OMIM", "DECIPHER", "ORPHA", "MA", "GROUP", "ICD10CM")


def name_series(names: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Numbered subtypes of one disease ("Usher syndrome, type 1B"): (group id → name, disease id → its parent's id).

    The parent is the disease that bears the bare name, when there is one, else a derived ``GROUP:``.
    """
    bare: dict[str, list[str]] = defaultdict(list)
    known: dict[str, str] = {}
    for disease, name in sorted(names.items()):
        key = fold(name)
        known.setdefault(key, disease)
        if found := _SERIES.match(key):
            bare[found[1]].append(disease)
    groups: dict[str, str] = {}
    parents: dict[str, str] = {}
    for key, members in bare.items():
        parent = known.get(key)
        if parent is None and len(members) >= 2:
            parent = f"GROUP:{key.replace(' ', '_')}"
            groups[parent] = key.capitalize()
        if parent is not None:
            parents.update((member, parent) for member in members if member != parent)
    return groups, parents


def find_equivalents(inputs: Inputs, table: ConceptTable) -> Array:
    """For each concept the smallest number among its equivalents: one name, or an authored cross-reference."""
    root = np.arange(len(table), dtype=np.int32)

    def top(number: int) -> int:
        while root[number] != number:
            root[number] = root[root[number]]
            number = int(root[number])
        return number

    def unite(one: int, other: int) -> None:
        low, high = sorted((top(one), top(other)))
        root[high] = low

    first: dict[str, int] = {}
    for number, (concept_id, name) in enumerate(zip(table.ids, table.names, strict=True)):
        if table.kinds[number] == 0 and not concept_id.startswith("ICD10CM:chapter"):
            unite(first.setdefault(fold(name), number), number)
    for disease in inputs.diseases:
        for xref in disease.xrefs:
            unite(table.index[disease.id], table.index[xref])
    return np.array([top(number) for number in range(len(table))], np.int32)


def list_parents(inputs: Inputs, table: ConceptTable, series: dict[str, str], same: Array) -> Iterator[tuple[int, int]]:
    """(child, parent): HPO, ICD-10-CM, the authored layer, series, and each equivalent under the next vocabulary."""
    find = table.find
    for term in inputs.hpo.terms.values():
        if not term.obsolete:
            yield from ((find(term.id), find(parent)) for parent in term.parents if parent in table.index)
    for finding in inputs.findings:
        yield from ((find(finding.hpo or finding.id), find(parent)) for parent in finding.is_a)
    for node in inputs.icd.nodes.values():
        if node.parent:
            yield find(f"ICD10CM:{node.code}"), find(f"ICD10CM:{node.parent}")
    for disease in inputs.diseases:
        for parent in (*disease.is_a, *(f"ICD10CM:{code}" for code in disease.icd10cm)):
            if parent in table.index:
                yield find(disease.id), find(parent)
    yield from ((find(child), find(parent)) for child, parent in series.items())
    members: dict[int, list[int]] = defaultdict(list)
    for number, root in enumerate(same):
        members[int(root)].append(number)
    for group in members.values():
        if len(group) > 1:
            yield from _climb(group, table)


def _climb(group: list[int], table: ConceptTable) -> Iterator[tuple[int, int]]:
    """Each equivalent under the first one of the next broader vocabulary; two of one vocabulary stay side by side."""
    levels: dict[int, list[int]] = defaultdict(list)
    for number in group:
        levels[_RANKS.index(_vocabulary(table, number))].append(number)
    for lower, higher in pairwise(sorted(levels)):
        yield from ((number, levels[higher][0]) for number in levels[lower])


def _vocabulary(table: ConceptTable, number: int) -> str:
    return table.ids[number].partition(":")[0]


def order_parents_first(table: ConceptTable, parents: list[list[int]], inputs: Inputs) -> list[int]:
    """Every parent before its children. Raises :class:`KnowledgeError` for a cycle, naming its members."""
    state = bytearray(len(parents))
    order: list[int] = []
    for start in range(len(parents)):
        if state[start]:
            continue
        stack = [(start, iter(parents[start]))]
        state[start] = 1
        while stack:
            number, waiting = stack[-1]
            parent = next(waiting, None)
            if parent is None:
                state[number] = 2
                order.append(number)
                stack.pop()
            elif state[parent] == 1:
                members = [n for n, _ in stack]
                raise KnowledgeError([_cycle(table, [*members[members.index(parent) :], parent], inputs)])
            elif state[parent] == 0:
                state[parent] = 1
                stack.append((parent, iter(parents[parent])))
    return order


def _cycle(table: ConceptTable, members: list[int], inputs: Inputs) -> Problem:
    ids = [table.ids[number] for number in members]
    message = f"is_a goes round in a circle: {' → '.join(ids)}"
    for disease in inputs.diseases:
        if disease.id in ids:
            return disease.place.problem(message)
    for finding in inputs.findings:
        if (finding.hpo or finding.id) in ids and finding.is_a:
            return finding.place.problem(message)
    line = next((inputs.hpo.terms[i].line for i in ids if i in inputs.hpo.terms), 0)
    return Problem(inputs.hpo.file, line, message)


def close_upwards(parents: list[list[int]], order: Iterable[int]) -> tuple[Array, Array]:
    """(starts, values): every concept's ancestors, itself included."""
    sets: dict[int, frozenset[int]] = {}
    for number in order:
        sets[number] = frozenset({number}).union(*(sets[parent] for parent in parents[number]))
    sizes = np.array([len(sets[number]) for number in range(len(parents))], np.int32)
    rows = np.repeat(np.arange(len(parents), dtype=np.int32), sizes)
    values = np.fromiter((a for number in range(len(parents)) for a in sets[number]), np.int32, int(sizes.sum()))
    return pack_rows(len(parents), rows, values)


def informativeness(table: ConceptTable, closure: tuple[Array, Array], disease: Array, finding: Array) -> Array:
    """Information content. Findings: −ln of the share of annotated diseases that have the term or a narrower one
    (Resnik 1995). Diseases: intrinsic, 1 − ln(descendants) / ln(diseases) (Seco 2004). Others: 0."""
    starts, ancestors = closure
    kinds = np.array(table.kinds)
    content = np.zeros(len(table), np.float32)
    counts = np.zeros(len(table), np.int64)
    order = np.argsort(disease, kind="stable")
    bounds = np.flatnonzero(np.diff(disease[order])) + 1
    for chunk in np.split(finding[order], bounds):
        above = np.unique(np.concatenate([ancestors[starts[f] : starts[f + 1]] for f in np.unique(chunk)]))
        counts[above] += 1
    findings = kinds == 1
    content[findings] = -np.log(np.maximum(counts[findings], 1) / max(len(bounds) + 1, 1))
    below = np.bincount(ancestors, minlength=len(table))
    diseases = kinds == 0
    content[diseases] = 1 - np.log(below[diseases]) / np.log(max(int(diseases.sum()), 2))
    return content
