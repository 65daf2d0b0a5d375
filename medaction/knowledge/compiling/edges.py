"""Disease–finding edges and test–finding edges, as parallel arrays."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..model import BANDS
from ..store import Array, Rows, pack_strings
from .concepts import ConceptTable
from .inputs import Inputs

ASPECTS = "PHCIM"
SEXES = ("", "female", "male")
POLARITIES = ("present", "absent", "high", "low")
SOURCES = ("authored", "hpo_omim", "hpo_orphanet", "hpo_decipher")
_PREFIX_SOURCES = {"OMIM": "hpo_omim", "ORPHA": "hpo_orphanet", "DECIPHER": "hpo_decipher"}

EdgeRow = tuple[int, int, bool, float, int, int, int, int, int, int]


@dataclass(slots=True)
class _References:
    texts: list[str] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def number(self, text: str) -> int:
        if text not in self._numbers:
            self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return self._numbers[text]


def build_edges(inputs: Inputs, table: ConceptTable) -> dict[str, Array]:
    """Columns ``edge_*``, sorted by disease, with the starts of each disease and the order by finding."""
    references = _References()
    rows = [*_annotation_rows(inputs, table, references), *_authored_rows(inputs, table, references)]
    rows.sort(key=lambda row: (row[0], row[1], row[7]))
    columns = list(zip(*rows, strict=True))
    types = (np.int32, np.int32, np.bool_, np.float32, np.uint16, np.uint8, np.uint8, np.int32, np.uint8, np.int32)
    names = ("disease", "finding", "absent", "p", "n", "aspect", "source", "reference", "sex", "onset")
    arrays: dict[str, Array] = {
        f"edge_{name}": np.array(column, kind) for name, kind, column in zip(names, types, columns, strict=True)
    }
    index_edges(arrays, len(table))
    arrays["reference_blob"], arrays["reference_starts"] = pack_strings(references.texts)
    return arrays


def index_edges(arrays: dict[str, Array], count: int) -> None:
    """The rows of each disease, and their order by finding. ``count`` concepts."""
    arrays["edge_starts"] = _starts(arrays["edge_disease"], count)
    order = np.argsort(arrays["edge_finding"], kind="stable").astype(np.int32)
    arrays["edges_by_finding"] = order
    arrays["edge_finding_starts"] = _starts(arrays["edge_finding"][order], count)


def _starts(sorted_rows: Array, count: int) -> Array:
    starts = np.zeros(count + 1, np.int32)
    np.cumsum(np.bincount(sorted_rows, minlength=count), out=starts[1:])
    return starts


def _annotation_rows(inputs: Inputs, table: ConceptTable, references: _References) -> list[EdgeRow]:
    """HPO's rows. Two cohorts of one paper, same finding, are pooled: 2/3 and 0/4 become 2/7."""
    pooled: dict[tuple[Any, ...], list[float]] = {}
    onsets: dict[tuple[Any, ...], int] = {}
    for row in inputs.annotations.rows:
        if row.aspect not in ASPECTS:
            continue
        key = (
            table.find(row.disease), table.find(row.term), row.negated, ASPECTS.index(row.aspect),
            SOURCES.index(_PREFIX_SOURCES[row.disease.partition(":")[0]]), references.number(row.reference),
            SEXES.index(row.sex) if row.sex in SEXES else 0,
        )  # fmt: skip
        if row.onset:
            onsets.setdefault(key, table.find(row.onset.split(";")[0]))
        seen, of, p = pooled.setdefault(key, [0.0, 0.0, float("nan")])
        if row.n:
            seen, of = seen + row.n * (row.p or 0.0), of + row.n
            p = seen / of
        elif row.p is not None and not of:
            p = row.p
        pooled[key] = [seen, of, p]
    rows: list[EdgeRow] = []
    for key, (_, of, p) in pooled.items():
        disease, term, negated, aspect, source, reference, sex = key
        absent = negated or p == 0
        n = min(int(of), 65_535)
        onset = onsets.get(key, -1)
        rows.append((disease, term, absent, 0.0 if absent else p, n, aspect, source, reference, sex, onset))
    return rows


def _authored_rows(inputs: Inputs, table: ConceptTable, references: _References) -> list[EdgeRow]:
    """Bands as probabilities; a discriminating test adds its finding with p = sensitivity when no band states it."""
    rows: list[EdgeRow] = []
    source = SOURCES.index("authored")
    for disease in inputs.diseases:
        number = table.find(disease.id)
        stated: dict[int, EdgeRow] = {}
        for aspect, uses in (("P", disease.findings), ("H", disease.risk_factors)):
            for use in uses:
                finding = _resolved(inputs, table, use.finding)
                reference = references.number(use.source)
                stated[finding] = (
                    number, finding, False, BANDS[use.band], 0, ASPECTS.index(aspect), source, reference, 0, -1
                )  # fmt: skip
        for test in disease.tests:
            finding = _resolved(inputs, table, test.finding)
            if finding not in stated and test.sensitivity is not None:
                p = 1 - test.sensitivity if test.polarity == "absent" else test.sensitivity
                reference = references.number(test.source)
                stated[finding] = (number, finding, False, p, 0, 0, source, reference, 0, -1)
        rows += stated.values()
    return rows


def _resolved(inputs: Inputs, table: ConceptTable, name: str) -> int:
    concept = inputs.finding_names.resolve(name)
    if concept is None:  # read_inputs has refused such names
        raise KeyError(name)
    return table.find(concept)


def build_test_edges(inputs: Inputs, table: ConceptTable) -> dict[str, Array]:
    """Columns ``reveal_*``, sorted by finding: from the vocabulary, from diseases, and from the branches of HPO."""
    nan = float("nan")
    rows: dict[tuple[int, int, int, int], tuple[float, float, int]] = {}
    for finding in inputs.findings:
        for test in finding.tests:
            rows[table.find(finding.hpo or finding.id), table.find(f"TEST:{test}"), 0, -1] = (nan, nan, 0)
    for branch, tests in inputs.reach.items():
        for test in tests:
            rows.setdefault((table.find(branch), table.find(f"TEST:{test}"), 0, -1), (nan, nan, 1))
    for disease in inputs.diseases:
        for use in disease.tests:
            key = (
                _resolved(inputs, table, use.finding), table.find(f"TEST:{use.test}"),
                POLARITIES.index(use.polarity), table.find(disease.id),
            )  # fmt: skip
            rows[key] = (_number(use.sensitivity), _number(use.specificity), 0)
    listed = sorted((*key, *value) for key, value in rows.items())
    columns = list(zip(*listed, strict=True))
    names = ("finding", "test", "polarity", "disease", "sensitivity", "specificity", "rule")
    types = (np.int32, np.int32, np.uint8, np.int32, np.float32, np.float32, np.uint8)
    arrays: dict[str, Array] = {
        f"reveal_{name}": np.array(column, kind) for name, kind, column in zip(names, types, columns, strict=True)
    }
    index_reveals(arrays, len(table))
    return arrays


def index_reveals(arrays: dict[str, Array], count: int) -> None:
    """As :func:`index_edges`, of the edges from tests to findings."""
    arrays["reveal_starts"] = _starts(arrays["reveal_finding"], count)
    order = np.argsort(arrays["reveal_test"], kind="stable").astype(np.int32)
    arrays["reveals_by_test"] = order
    arrays["reveal_test_starts"] = _starts(arrays["reveal_test"][order], count)


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def lower_never(arrays: dict[str, Array]) -> None:
    """Authored "never" argues against even where the finding is rarer in everybody: a tenth of its background."""
    p, background = arrays["edge_p"], arrays["background"][arrays["edge_finding"]]
    never = (arrays["edge_source"] == SOURCES.index("authored")) & (p <= np.float32(BANDS["never"]))
    p[never] = np.minimum(p[never], background[never] / 10)


def build_backgrounds(inputs: Inputs, table: ConceptTable, information: Array, descendants: Rows) -> Array:
    """P(finding) in a patient seen for any reason, for every finding; all estimates.

    The authored figure; else 1 − the lowest specificity of a test that shows it; else the largest authored figure of
    a narrower finding; else a tenth of its share among annotated diseases, who are rarer than patients at large.
    """
    authored = np.full(len(table), np.nan, np.float32)
    lowest: dict[int, list[float]] = defaultdict(list)
    for disease in inputs.diseases:
        for use in disease.tests:
            if use.specificity is not None and use.polarity != "absent":
                lowest[_resolved(inputs, table, use.finding)].append(max(1 - use.specificity, 0.001))
    for number, values in lowest.items():
        authored[number] = min(values)
    for finding in inputs.findings:
        if finding.background is not None:
            authored[table.find(finding.hpo or finding.id)] = finding.background
    background = np.clip(0.1 * np.exp(-information), 1e-4, 0.1)
    for number in np.flatnonzero(np.array(table.kinds) == 1).tolist():
        figures = authored[descendants[number]]
        if not np.isnan(figures).all():
            background[number] = authored[number] if not np.isnan(authored[number]) else np.nanmax(figures)
    return background.astype(np.float32)
