"""Reading typed fields out of untrusted mappings, naming each field that is wrong."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class FieldError:
    """``field`` is a path such as ``menu[2].cost``; ``message`` completes the sentence "<field> …"."""

    field: str
    message: str


class Fields:
    """One mapping being read. All wrong fields are collected in ``errors``, shared by nested readers.

    A reader never raises: a wrong field gives a harmless value and an entry in ``errors``.
    """

    def __init__(self, data: Any, path: str = "", errors: list[FieldError] | None = None) -> None:
        self.errors: list[FieldError] = [] if errors is None else errors
        self._path = path
        self._read: set[str] = set()
        self._data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        self._readable = isinstance(data, Mapping)
        if not self._readable:
            self.errors.append(FieldError(path, f"must be an object, not {kind_of(data)}"))

    def path(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def fail(self, name: str, message: str) -> None:
        if self._readable:  # else the fault is the whole, which was named already
            self.errors.append(FieldError(self.path(name), message))

    def raw(self, name: str) -> Any:
        """The value as it stands, or None when it is absent."""
        self._read.add(name)
        return self._data.get(name)

    def text(self, name: str, *, default: str | None = None) -> str:
        """A string. Required, and not blank, unless there is a default."""
        value = self.raw(name)
        if value is None and default is not None:
            return default
        if value is None:
            self.fail(name, "is missing")
        elif not isinstance(value, str):
            self.fail(name, f"must be a string, not {kind_of(value)}")
        elif problem := unstorable(value):
            self.fail(name, problem)
        elif default is None and not value.strip():
            self.fail(name, "is blank")
        else:
            return value
        return ""

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of non-blank strings; absent is empty."""
        return tuple(self._texts(name))

    def _texts(self, name: str) -> Iterator[str]:
        for index, value in enumerate(self.items(name, required=False)):
            problem = unstorable(value) if isinstance(value, str) else f"must be a string, not {kind_of(value)}"
            if not problem and not value.strip():
                problem = "is blank"
            if problem:
                self.fail(f"{name}[{index}]", problem)
            else:
                yield value

    def items(self, name: str, *, required: bool = True) -> list[Any]:
        value = self.raw(name)
        if value is None:
            if required:
                self.fail(name, "is missing")
            return []
        if not isinstance(value, (list, tuple)):
            self.fail(name, f"must be a list, not {kind_of(value)}")
            return []
        return list(value)

    def objects(self, name: str, build: "Callable[[Fields], T]", *, required: bool = True) -> tuple[T, ...]:
        """A list of objects, each read by ``build``."""
        read = []
        for index, value in enumerate(self.items(name, required=required)):
            inner = Fields(value, self.path(f"{name}[{index}]"), self.errors)
            read.append(build(inner))
            inner.refuse_unknown()
        return tuple(read)

    def number(self, name: str, *, low: float = 0, high: float = math.inf) -> float | None:
        """A finite number within bounds, or None when absent."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.fail(name, f"must be a number, not {kind_of(value)}")
        elif not math.isfinite(value):
            self.fail(name, "must be a finite number")
        elif not low <= value <= high:
            self.fail(name, f"must be between {low:g} and {high:g}" if high < math.inf else f"must be at least {low:g}")
        else:
            return float(value)
        return None

    def minutes(self, name: str) -> int | None:
        """A whole number of minutes, or None when absent."""
        value = self.number(name)
        if value is not None and value != int(value):
            self.fail(name, "must be a whole number")
            return None
        return None if value is None else int(value)

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.raw(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fail(name, f"must be true or false, not {kind_of(value)}")
            return default
        return value

    def choice(self, name: str, options: Iterable[str], *, default: str | None = None, required: bool = False) -> Any:
        """One of the options, or the default when absent."""
        value = self.raw(name)
        allowed = tuple(options)
        if value is None and not required:
            return default
        if value is None:
            self.fail(name, "is missing")
        elif not isinstance(value, str) or value not in allowed:
            shown = repr(value[:40]) if isinstance(value, str) else kind_of(value)
            self.fail(name, f"must be one of {', '.join(allowed)}; it is {shown}")
        else:
            return value
        return default

    def refuse_unknown(self) -> None:
        """A misspelt optional field would otherwise be lost in silence."""
        for name in self._data:
            if name not in self._read:
                self.fail(str(name)[:60], "is not a known field")


def kind_of(value: Any) -> str:
    """The JSON name of a value's type."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, (list, tuple)) else type(value).__name__


def unstorable(text: str) -> str:
    """Why a database cannot hold this text, or an empty string."""
    if "\x00" in text:
        return "contains a NUL character"
    if not text.isascii() and _SURROGATE.search(text):
        return "contains half a surrogate pair"
    return ""
