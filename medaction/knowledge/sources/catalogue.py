"""The test catalogue of ``medaction.domain``: what can be ordered. The graph hangs its test edges on these keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..catalogue_rules import lint_measuring
from ..documents import Document, list_yaml, read_document
from ..problems import KnowledgeError, Problem
from ..schema import dotted, load_schema, violations


@dataclass(frozen=True, slots=True)
class CatalogueTest:
    """``loinc`` and ``ranges`` count the codes, and the ranges, of the test and of all its quantities."""

    key: str
    name: str
    aliases: tuple[str, ...]
    category: str
    components: tuple[str, ...]
    file: str
    line: int
    loinc: int = 0
    ranges: int = 0


def read_catalogue(folder: Path) -> dict[str, CatalogueTest]:
    """Tests by key. Raises :class:`KnowledgeError` with every place that breaks the schema or a rule."""
    tests: dict[str, CatalogueTest] = {}
    problems: list[Problem] = []
    measured: dict[str, str] = {}
    for path in list_yaml(folder):
        document = read_document(path, f"catalogue/{path.name}")
        found = violations(document.data, load_schema("catalogue"))
        wrong = [document.problem(at, f"{dotted(at)}{message}") for at, message in found]
        problems += wrong
        if wrong:
            continue
        for index, row in enumerate(document.data):
            test = _read_test(document, index, row)
            if test.key in tests:
                first = tests[test.key]
                problems.append(document.problem((index,), f"repeats the test {test.key} of {first.file}:{first.line}"))
            tests[test.key] = test
            problems += lint_measuring(document, index, row, measured)
    problems += _unknown_components(tests) if not problems else []
    problems += [
        Problem(tests[key].file, tests[key].line, f"{key} is also the key of a quantity of {owner}")
        for key, owner in measured.items()
        if key in tests and owner != key
    ]
    if problems:
        raise KnowledgeError(problems)
    return tests


def _read_test(document: Document, index: int, row: Mapping[str, Any]) -> CatalogueTest:
    quantities = [row, *row.get("quantities", ())]
    return CatalogueTest(
        row["key"],
        row["name"],
        tuple(row.get("aliases", ())),
        row["category"],
        tuple(row.get("components", ())),
        document.file,
        document.line((index,)),
        sum(len(quantity.get("loinc", ())) for quantity in quantities),
        sum(len(quantity.get("ranges", ())) for quantity in quantities),
    )


def _unknown_components(tests: Mapping[str, CatalogueTest]) -> list[Problem]:
    return [
        Problem(test.file, test.line, f"{test.key}: its component {component} is not a test of the catalogue")
        for test in tests.values()
        for component in test.components
        if component not in tests
    ]
