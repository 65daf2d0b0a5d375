"""YAML files read with the line of every value, so that a problem can point at it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .problems import KnowledgeError, Problem

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_PLAIN_TAG = "tag:yaml.org,2002:"
DataPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """``data`` is the plain value; ``lines`` maps a path inside it to its line (from 1)."""

    file: str
    data: Any
    lines: dict[DataPath, int] = field(default_factory=dict)

    def line(self, path: DataPath) -> int:
        """The line of ``path``, or of its nearest parent that is there."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)

    def problem(self, path: DataPath, message: str) -> Problem:
        return Problem(self.file, self.line(path), message)


def read_text(path: Path, file: str) -> str:
    """A UTF-8 file that is not empty; raises :class:`KnowledgeError` naming the line of a wrong byte."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise KnowledgeError([Problem(file, 0, f"cannot be read: {error.strerror}")]) from error
    if not raw.strip():
        raise KnowledgeError([Problem(file, 0, "is empty")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"is not UTF-8 text (byte 0x{raw[error.start]:02x}): save it as UTF-8"
        raise KnowledgeError([Problem(file, line, message)]) from error


def read_document(path: Path, file: str) -> Document:
    """Raises :class:`KnowledgeError` for an unreadable, empty, badly encoded or ill-formed file or a repeated key."""
    text = read_text(path, file)
    problems: list[Problem] = []
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            lines: dict[DataPath, int] = {}
            data = _construct(loader, node, (), lines, problems, file)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        line = mark.line + 1 if mark else 0
        raise KnowledgeError([Problem(file, line, f"is not valid YAML: {reason}")]) from error
    if problems:
        raise KnowledgeError(problems)
    return Document(file, data, lines)


def _construct(
    loader: Any, node: Any, path: DataPath, lines: dict[DataPath, int], problems: list[Problem], file: str
) -> Any:
    if node is None:
        problems.append(Problem(file, 0, "holds no data"))
        return None
    lines[path] = node.start_mark.line + 1
    if not node.tag.removeprefix(_PLAIN_TAG).isalpha():
        problems.append(Problem(file, lines[path], f"is not valid YAML: the tag {node.tag} is not allowed"))
        return None
    if isinstance(node, yaml.SequenceNode):
        return [
            _construct(loader, item, (*path, index), lines, problems, file) for index, item in enumerate(node.value)
        ]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node)
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(loader.construct_object(key_node))
        if key in mapping:
            problems.append(Problem(file, key_node.start_mark.line + 1, f"repeats the key {key!r}"))
        mapping[key] = _construct(loader, value_node, (*path, key), lines, problems, file)
        lines[(*path, key)] = key_node.start_mark.line + 1
    return mapping


def list_yaml(folder: Path) -> Iterator[Path]:
    """Every ``*.yaml`` file below ``folder``, in a stable order."""
    yield from sorted(folder.rglob("*.yaml"))
