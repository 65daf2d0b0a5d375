"""``python -m medaction.knowledge.lint [PATHS]``: check authored files in seconds, each problem with file and line.

Without paths, all files. With paths (files or folders), only the problems of those, though names and ids are still
compared with every other authored file. ``--find WORDS`` lists the findings and tests nearest to some words instead.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from .names import FindingNames
from .problems import KnowledgeError, Problem
from .rules import lint_diseases, lint_findings, lint_references, lint_symmetry
from .sources.authored import list_diseases, list_findings, read_diseases, read_findings
from .sources.catalogue import read_catalogue
from .sources.icd10cm import read_codes
from .sources.obo import read_obo
from .sources.places import Places, find_places
from .text import fold


def lint(places: Places) -> tuple[list[Problem], list[Problem]]:
    """(errors, warnings) of the whole authored layer. Raises :class:`KnowledgeError` for an unreadable vocabulary."""
    hpo = read_obo(places.obo)
    tests = frozenset(read_catalogue(places.catalogue))
    findings, errors = read_findings(list_findings(places.authored), places.authored)
    diseases, broken = read_diseases(list_diseases(places.authored), places.authored)
    errors += broken
    errors += lint_findings(findings, hpo, tests)
    errors += lint_diseases(diseases, FindingNames(hpo, findings), hpo, tests, read_codes(places.icd_codes))
    return sorted(set(errors)), sorted({*lint_references(diseases), *lint_symmetry(diseases)})


def find(places: Places, words: str) -> Iterator[str]:
    """Lines an author can copy: findings first, then catalogue tests, nearest first."""
    findings, _ = read_findings(list_findings(places.authored), places.authored)
    names = FindingNames(read_obo(places.obo), findings)
    for label in names.suggest(words, count=12):
        yield f"finding  {label}  ({names.resolve(label)})"
    wanted = set(fold(words).split())
    scored = []
    for test in read_catalogue(places.catalogue).values():
        shared = max(len(wanted & set(fold(name).split())) for name in (test.key, test.name, *test.aliases))
        scored.append((-shared, test.key, test.name))
    for shared, key, name in sorted(scored)[:6]:
        if shared:
            yield f"test     {key}  ({name})"


def main(arguments: Sequence[str]) -> int:
    """Print problems; 1 when there is an error. Warnings (competitors not yet written) do not fail."""
    places = find_places()
    if arguments[:1] == ["--find"]:
        sys.stdout.writelines(f"{line}\n" for line in find(places, " ".join(arguments[1:])))
        return 0
    wanted = [Path(argument).resolve() for argument in arguments]

    def shown(problem: Problem) -> bool:
        file = (places.authored / problem.file).resolve()
        return not wanted or any(file == path or file.is_relative_to(path) for path in wanted)

    try:
        errors, warnings = lint(places)
    except KnowledgeError as error:
        errors, warnings = list(error.problems), []
        wanted = []
    errors, warnings = list(filter(shown, errors)), list(filter(shown, warnings))
    for label, problems in (("error", errors), ("warning", warnings)):
        for problem in problems:
            sys.stdout.write(f"{label}: {problem}\n")
    sys.stdout.write(f"{len(errors)} errors, {len(warnings)} warnings\n")
    return 1 if errors else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
