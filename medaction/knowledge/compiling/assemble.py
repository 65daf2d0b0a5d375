"""The whole build: inputs in, one graph file out, or every problem and no file."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from ..model import PRIORS
from ..sources.authored import AuthoredDisease
from ..sources.places import Places
from ..store import Array, Rows, pack_rows, pack_strings, write_store
from .concepts import ConceptTable, build_concepts
from .edges import build_backgrounds, build_edges, build_test_edges, lower_never
from .hierarchy import (
    close_upwards,
    find_equivalents,
    informativeness,
    list_parents,
    name_series,
    order_parents_first,
)
from .inputs import Inputs, read_inputs
from .names import build_names
from .network import build_network
from .site import apply_statements

FORMAT = "medaction.graph/1"


def build_graph(places: Places, path: Path, *, input_hash: str = "") -> str:
    """Compile into ``path``, atomically, and return the content hash.

    Raises :class:`medaction.knowledge.problems.KnowledgeError` with file, line and reason; ``path`` is then untouched.
    """
    with _collection_paused():
        meta, arrays = compile_inputs(read_inputs(places))
    return write_store(path, {**meta, "input_hash": input_hash}, arrays)


@contextmanager
def _collection_paused() -> Iterator[None]:
    """A build makes millions of small objects and no circles: the collector would only cost a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def compile_inputs(inputs: Inputs) -> tuple[dict[str, Any], dict[str, Array]]:
    groups, series = name_series(inputs.annotations.names)
    table = build_concepts(inputs, groups)
    same = find_equivalents(inputs, table)
    pairs = np.array(sorted(set(list_parents(inputs, table, series, same))), np.int32)
    parents: list[list[int]] = [[] for _ in range(len(table))]
    for child, parent in pairs.tolist():
        parents[child].append(parent)
    closure = close_upwards(parents, order_parents_first(table, parents, inputs))
    edges = build_edges(inputs, table)
    phenotype = ~edges["edge_absent"] & (edges["edge_aspect"] == 0)
    arrays = {
        **table.arrays(),
        **build_names(inputs, table),
        **edges,
        **build_test_edges(inputs, table),
        "same": same,
        "disease_genes": _disease_genes(inputs, table),
        "information": informativeness(
            table, closure, edges["edge_disease"][phenotype], edges["edge_finding"][phenotype]
        ),
        "opposites": _opposites(inputs, table),
    }
    arrays["parent_starts"], arrays["parents"] = pack_rows(len(table), pairs[:, 0], pairs[:, 1])
    arrays["child_starts"], arrays["children"] = pack_rows(len(table), pairs[:, 1], pairs[:, 0])
    arrays["ancestor_starts"], arrays["ancestors"] = closure
    below = np.repeat(np.arange(len(table), dtype=np.int32), np.diff(closure[0]))
    arrays["descendant_starts"], arrays["descendants"] = pack_rows(len(table), closure[1], below)
    descendants = Rows(arrays["descendant_starts"], arrays["descendants"])
    arrays["background"] = build_backgrounds(inputs, table, arrays["information"], descendants)
    met = apply_statements(inputs.statements, table, arrays) if inputs.statements else 0
    lower_never(arrays)
    arrays.update(build_network(arrays, len(table)))
    arrays["card_concepts"], arrays["card_blob"], arrays["card_starts"] = _cards(inputs, table)
    return _meta(inputs, table, arrays, met), arrays


def _disease_genes(inputs: Inputs, table: ConceptTable) -> Array:
    """Pairs (disease, gene number), for the diseases that are annotated; genes are numbered by their symbols."""
    numbers = {symbol: number for number, symbol in enumerate(sorted(set().union(*inputs.genes.values())))}
    pairs = [
        (table.index[disease], numbers[symbol])
        for disease, symbols in inputs.genes.items()
        for symbol in symbols
        if disease in table.index
    ]
    return np.array(sorted(pairs), np.int32).reshape(-1, 2)


def _opposites(inputs: Inputs, table: ConceptTable) -> Array:
    pairs = {tuple(sorted((table.find(f.hpo or f.id), table.find(f.opposite)))) for f in inputs.findings if f.opposite}
    both = sorted(pairs | {(high, low) for low, high in pairs})
    return np.array(both, np.int32).reshape(-1, 2)


def _cards(inputs: Inputs, table: ConceptTable) -> tuple[Array, Array, Array]:
    """What an authored disease says of itself beyond edges, as one JSON text per disease."""
    cards = sorted((table.find(disease.id), _card(disease)) for disease in inputs.diseases)
    blob, starts = pack_strings([orjson.dumps(card).decode() for _, card in cards])
    return np.array([number for number, _ in cards], np.int32), blob, starts


def _card(disease: AuthoredDisease) -> dict[str, Any]:
    return {
        "system": disease.system,
        "icd10cm": disease.icd10cm,
        "prior": {"band": disease.prior_band, "p": PRIORS[disease.prior_band], "source": disease.prior_source},
        "demographics": [
            {"sex": d.sex, "low": d.low, "high": d.high, "factor": d.factor, "source": d.source}
            for d in disease.demographics
        ],
        "duration": disease.duration and asdict(disease.duration),
        "competitors": [{"disease": c.disease, "separates": c.separates} for c in disease.competitors],
        "file": disease.place.file,
    }


def _meta(inputs: Inputs, table: ConceptTable, arrays: dict[str, Array], met: int) -> dict[str, Any]:
    kinds = np.array(table.kinds)
    counts = {
        "authored_diseases": len(inputs.diseases),
        "authored_findings": len(inputs.findings),
        "authored_tests": len(inputs.tests),
        "tests_with_loinc": sum(test.loinc > 0 for test in inputs.tests.values()),
        "loinc_codes": sum(test.loinc for test in inputs.tests.values()),
        "tests_with_ranges": sum(test.ranges > 0 for test in inputs.tests.values()),
        "reference_ranges": sum(test.ranges for test in inputs.tests.values()),
        "diseases": int((kinds == 0).sum()),
        "findings": int((kinds == 1).sum()),
        "tests": int((kinds == 2).sum()),
        "edges": len(arrays["edge_disease"]) + len(arrays["reveal_test"]) + len(arrays["parents"]),
        "disease_finding_edges": len(arrays["edge_disease"]),
        "test_finding_edges": len(arrays["reveal_test"]),
        "is_a_edges": len(arrays["parents"]),
        "names": len(arrays["name_hashes"]),
        "annotated_diseases": len(np.unique(arrays["edge_disease"])),
        "authored_edges": int((arrays["edge_source"] == 0).sum()),
        "site_statements": met,
    }
    return {"format": FORMAT, "counts": counts, "sources": [*_sources(inputs), *_site_source(inputs, met)]}


def _site_source(inputs: Inputs, met: int) -> list[dict[str, str]]:
    """The site's own layer, named where there is one."""
    if not inputs.statements:
        return []
    version = f"{met} of {len(inputs.statements)} decisions met an edge"
    return [{"key": "site", "name": "Site review", "version": version, "licence": "of this site", "url": ""}]


def _sources(inputs: Inputs) -> list[dict[str, str]]:
    hpo_url = "https://hpo.jax.org/app/license"
    return [
        {"key": "authored", "name": "MedAction authored layer", "version": "this release",
         "licence": "Apache-2.0; estimates unless cited", "url": ""},
        {"key": "hpo", "name": "Human Phenotype Ontology", "version": inputs.hpo.version,
         "licence": "HPO licence: free with attribution and version, unmodified", "url": hpo_url},
        {"key": "hpo_omim", "name": "HPO annotations of OMIM diseases", "version": inputs.annotations.version,
         "licence": "HPO licence; disease names and numbers © OMIM, Johns Hopkins University", "url": hpo_url},
        {"key": "hpo_orphanet", "name": "HPO annotations of Orphanet diseases", "version": inputs.annotations.version,
         "licence": "HPO licence; Orphanet data CC BY 4.0, INSERM", "url": hpo_url},
        {"key": "hpo_decipher", "name": "HPO annotations of DECIPHER syndromes", "version": inputs.annotations.version,
         "licence": "HPO licence; DECIPHER terms of use", "url": hpo_url},
        {"key": "icd10cm", "name": "ICD-10-CM tabular list", "version": inputs.icd.version,
         "licence": "US government work, public domain (packaged by simple-icd-10-cm, MIT)",
         "url": "https://www.cdc.gov/nchs/icd/icd-10-cm/"},
        {"key": "loinc", "name": "LOINC codes named by the test catalogue", "version": "codes only, no table",
         "licence": "LOINC © Regenstrief Institute, Inc. and the LOINC Committee, free under the LOINC licence; "
                    "LOINC is a registered trademark of Regenstrief Institute, Inc. Ranges and names are ours",
         "url": "https://loinc.org/license/"},
    ]  # fmt: skip
