"""A site's statements as a patch of the authored files: what a maintainer may take over for everybody."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path

from .documents import Document, read_document
from .sources.overlay import BANDED, CONFIRM, HAS_FINDING, REFUTE, SiteStatement

Resolve = Callable[[str], str | None]
"""The id of the finding that a written name means."""
ROOT = "medaction/knowledge/data"
HEAD = (
    "# Decided in the review of a site. Look through it, apply it with `git apply`, then run `medaction kg check`.\n"
    "# One finding a line is taken for granted, as the authored files are written.\n"
)
_CITED = re.compile(r"^[A-Z][A-Za-z]*:\S+$")
_SECTIONS = ("findings", "risk_factors", "tests")


@dataclass(slots=True)
class _File:
    """Lines as they are and as they shall be; None for one that goes."""

    name: str
    document: Document
    before: list[str]
    after: list[str | None] = field(init=False)

    def __post_init__(self) -> None:
        self.after = list(self.before)

    def diff(self) -> str:
        after = [line for line in self.after if line is not None]
        return "".join(unified_diff(self.before, after, f"a/{ROOT}/{self.name}", f"b/{ROOT}/{self.name}"))


def render_patch(statements: Iterable[SiteStatement], data: Path, resolve: Resolve) -> str:
    """A unified diff of the files under ``data``; comments before it name what no line of an authored file says."""
    files: dict[Path, _File] = {}
    left: list[str] = []
    for statement in sorted(statements, key=lambda each: each.key):
        change = _change_disease if statement.relation == HAS_FINDING else _change_tests
        if not change(statement, data, files, resolve):
            band = f" ({statement.band})" if statement.band else ""
            cited = f"; {', '.join(statement.citations)}" if statement.citations else ""
            left.append(f"# not in a line of its own: {' '.join(statement.key)}: {statement.verdict}{band}{cited}\n")
    return HEAD + "".join(left) + "".join(file.diff() for file in files.values())


def _open(path: Path, data: Path, files: dict[Path, _File]) -> _File:
    if path not in files:
        name = path.relative_to(data).as_posix()
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        files[path] = _File(name, read_document(path, name), lines)
    return files[path]


def _change_disease(statement: SiteStatement, data: Path, files: dict[Path, _File], resolve: Resolve) -> bool:
    vocabulary, _, stem = statement.source.partition(":")
    paths = list((data / "diseases").glob(f"*/{stem}.yaml")) if vocabulary == "MA" else []
    if not paths:
        return False
    file = _open(paths[0], data, files)
    changed = False
    for section, line in _rows(file.document, statement.target, resolve):
        text = file.before[line]
        if statement.verdict == REFUTE:
            file.after[line] = None
        elif statement.verdict in BANDED and section != "tests":
            file.after[line] = _cite(re.sub(r"\bp: *\w+", f"p: {statement.band}", text, count=1), statement)
        elif statement.verdict == CONFIRM and section != "tests":
            file.after[line] = _cite(text, statement)
        changed |= file.after[line] != text
    return changed


def _rows(document: Document, target: str, resolve: Resolve) -> Iterator[tuple[str, int]]:
    """(section, index of the line) of each row of a disease about this finding."""
    for section in _SECTIONS:
        for index, row in enumerate(document.data.get(section, ())):
            if resolve(row["finding"]) == target:
                yield section, document.line((section, index)) - 1


def _change_tests(statement: SiteStatement, data: Path, files: dict[Path, _File], resolve: Resolve) -> bool:
    """Only taking a test from the list of a finding's own entry is a change of one line."""
    if statement.verdict != REFUTE:
        return False
    key = statement.source.removeprefix("TEST:")
    for path in sorted((data / "findings").glob("*.yaml")):
        document = read_document(path, path.name)
        for index, row in enumerate(document.data):
            if statement.target in (row["id"], row.get("hpo")) and key in row.get("tests", ()):
                file = _open(path, data, files)
                line = document.line((index,)) - 1
                rest = ", ".join(test for test in row["tests"] if test != key)
                file.after[line] = re.sub(r"tests: *\[[^\]]*\]", f"tests: [{rest}]", file.before[line], count=1)
                return file.after[line] != file.before[line]
    return False


def _cite(line: str, statement: SiteStatement) -> str:
    """With the first identifier among the citations as its source; an authored file takes no other."""
    cited = next((each for each in statement.citations if _CITED.match(each)), None)
    if cited is None:
        return line
    if re.search(r"\bsource: *[^,}]+", line):
        return re.sub(r"\bsource: *[^,}]+", f"source: {cited}", line, count=1)
    return re.sub(r"\}\s*$", f", source: {cited}}}\n", line)
