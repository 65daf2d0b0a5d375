"""The test catalogue of ``medaction.domain``: what can be ordered. The graph hangs its test edges on these keys."""

from dataclasses import dataclass
from pathlib import Path

from ..documents import list_yaml, read_document
from ..problems import KnowledgeError


@dataclass(frozen=True, slots=True)
class CatalogueTest:
    key: str
    name: str
    aliases: tuple[str, ...]
    category: str
    components: tuple[str, ...]
    file: str
    line: int


def read_catalogue(folder: Path) -> dict[str, CatalogueTest]:
    """Tests by key. Raises :class:`KnowledgeError` for a repeated key or a component that is not a test."""
    tests: dict[str, CatalogueTest] = {}
    problems = []
    for path in list_yaml(folder):
        document = read_document(path, f"catalogue/{path.name}")
        if not isinstance(document.data, list):
            problems.append(document.problem((), "must be a list of tests"))
            continue
        for index, row in enumerate(document.data):
            if not isinstance(row, dict) or not {"key", "name", "category"} <= row.keys():
                problems.append(document.problem((index,), "a test needs key, name and category"))
                continue
            test = CatalogueTest(
                str(row["key"]),
                str(row["name"]),
                tuple(map(str, row.get("aliases") or ())),
                str(row["category"]),
                tuple(map(str, row.get("components") or ())),
                document.file,
                document.line((index,)),
            )
            if test.key in tests:
                first = tests[test.key]
                problems.append(document.problem((index,), f"repeats the test {test.key} of {first.file}:{first.line}"))
            tests[test.key] = test
    if problems:
        raise KnowledgeError(problems)
    return tests
