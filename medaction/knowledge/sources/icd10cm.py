"""ICD-10-CM from the ``simple-icd-10-cm`` wheel's data files: the code list, and the tabular list with its terms."""

from pathlib import Path

from ..documents import read_text


def read_codes(path: Path) -> set[str]:
    """Every category and code, with its dot (``I26.9``); chapters and blocks are left out."""
    codes = set()
    for line in read_text(path, path.name).split():
        if line[0].isalpha() and "-" not in line:
            codes.add(line if len(line) <= 3 else f"{line[:3]}.{line[3:]}")
    return codes
