"""The site's statements, put over the laid-out edges of all other layers.

They change what the edge says, and nothing that was counted over all edges (how informative a finding is, how common it
is in everybody): a correction of one edge moves only what this edge bears on.
"""

from collections.abc import Iterable

import numpy as np

from ..model import BANDS
from ..sources.overlay import BANDED, CONFIRM, HAS_FINDING, REFUTE, SiteStatement
from ..store import Array, Strings, pack_strings
from .concepts import ConceptTable
from .edges import ASPECTS, index_edges, index_reveals

REVIEWED = "site review"
"""Stands among the references of an edge that the site has confirmed or given another band."""
_STATED = ASPECTS.index("H")


def apply_statements(statements: Iterable[SiteStatement], table: ConceptTable, arrays: dict[str, Array]) -> int:
    """Change ``edge_*`` and ``reveal_*`` of ``arrays``; how many statements met an edge.

    A statement about a disease holds for its equivalents in other vocabularies too; several edges of one disease and
    finding become one where a band is given. The columns ``edge_site`` and ``reveal_site`` say what is the
    site's.
    """
    arrays["edge_site"] = np.zeros(len(arrays["edge_disease"]), np.bool_)
    arrays["reveal_site"] = np.zeros(len(arrays["reveal_test"]), np.bool_)
    for name in ("edge_absent", "edge_p", "edge_n", "edge_source", "edge_reference"):
        arrays[name] = arrays[name].copy()
    references = Strings(arrays["reference_blob"], arrays["reference_starts"])
    texts = [references[number] for number in range(len(references))]
    kept = np.ones(len(arrays["edge_disease"]), np.bool_)
    revealing = np.ones(len(arrays["reveal_test"]), np.bool_)
    met = 0
    for statement in statements:
        ends = _find_ends(statement, table)
        if ends is None:
            continue
        if statement.relation == HAS_FINDING:
            rows = _find_edges(arrays, *ends)
            _change_edges(statement, arrays, rows, kept, texts)
        else:
            rows = np.flatnonzero((arrays["reveal_test"] == ends[0]) & (arrays["reveal_finding"] == ends[1]))
            arrays["reveal_site"][rows] = True
            revealing[rows] = statement.verdict != REFUTE
        met += len(rows) > 0
    _keep(arrays, "edge_", kept)
    _keep(arrays, "reveal_", revealing)
    arrays["reference_blob"], arrays["reference_starts"] = pack_strings(texts)
    index_edges(arrays, len(table))
    index_reveals(arrays, len(table))
    return met


def _find_ends(statement: SiteStatement, table: ConceptTable) -> tuple[int, int] | None:
    try:
        return table.find(statement.source), table.find(statement.target)
    except KeyError:
        return None


def _find_edges(arrays: dict[str, Array], disease: int, finding: int) -> Array:
    same = arrays["same"]
    pair = (same[arrays["edge_disease"]] == same[disease]) & (arrays["edge_finding"] == finding)
    rows: Array = np.flatnonzero(pair & (arrays["edge_aspect"] <= _STATED))
    return rows


def _change_edges(
    statement: SiteStatement, arrays: dict[str, Array], rows: Array, kept: Array, texts: list[str]
) -> None:
    if statement.verdict == REFUTE:
        kept[rows] = False
    elif statement.verdict == CONFIRM:
        for row in rows.tolist():
            texts.append(f"{texts[arrays['edge_reference'][row]]};{REVIEWED}")
            arrays["edge_reference"][row] = len(texts) - 1
    elif statement.verdict in BANDED and len(rows):
        kept[rows[1:]] = False
        first = rows[0]
        texts.append(";".join((REVIEWED, *statement.citations)))
        arrays["edge_absent"][first], arrays["edge_n"][first] = False, 0
        # With the authority of the authored layer: that is what it corrects.
        arrays["edge_source"][first] = 0
        arrays["edge_p"][first] = BANDS[statement.band]
        arrays["edge_reference"][first] = len(texts) - 1
        arrays["edge_site"][first] = True


def _keep(arrays: dict[str, Array], prefix: str, kept: Array) -> None:
    # Columns have one value a row; the others of this prefix are indexes, and are made anew.
    indexes = {"edge_starts", "edges_by_finding", "edge_finding_starts", "reveal_starts", "reveal_test_starts"}
    for name in [name for name in arrays if name.startswith(prefix) and name not in indexes]:
        arrays[name] = arrays[name][kept]
