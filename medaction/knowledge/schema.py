"""The part of JSON Schema (2020-12) that our own schemas use, checked with all violations and their places.

A keyword outside that part is refused, so a schema can never promise a check that does not happen.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from .documents import DataPath

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "number": (int, float),
    "integer": (int,),
}
_ANNOTATIONS = {"$schema", "$id", "$defs", "title", "description", "examples"}
_CHECKED = {
    "$ref", "type", "enum", "pattern", "minLength", "minimum", "maximum", "minItems", "maxItems", "uniqueItems",
    "items", "properties", "required", "additionalProperties",
}  # fmt: skip

Violation = tuple[DataPath, str]


@cache
def load_schema(name: str) -> dict[str, Any]:
    """``schemas/<name>.schema.json`` of this package."""
    schema: dict[str, Any] = orjson.loads((files(__package__) / "schemas" / f"{name}.schema.json").read_bytes())
    return schema


def violations(value: Any, schema: dict[str, Any]) -> list[Violation]:
    """Where ``value`` breaks ``schema`` and how; empty when it conforms."""
    return list(_check(value, schema, schema, ()))


def dotted(path: DataPath) -> str:
    """Such as ``findings[2].p `` with a space behind, empty for the whole: how a message says what is wrong."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".") + " " * bool(path)


def _check(value: Any, schema: dict[str, Any], root: dict[str, Any], path: DataPath) -> Iterator[Violation]:
    if unknown := set(schema) - _CHECKED - _ANNOTATIONS:
        raise NotImplementedError(f"schema keywords {sorted(unknown)}")
    if "$ref" in schema:
        yield from _check(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, path)
        return
    kind = schema.get("type")
    if kind and not _is(value, kind):
        yield path, f"must be {_article(kind)}, not {_shown(value)}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield path, f"{_shown(value)} is not one of {', '.join(map(str, schema['enum']))}"
    if isinstance(value, str):
        yield from _check_text(value, schema, path)
    elif isinstance(value, list):
        yield from _check_array(value, schema, root, path)
    elif isinstance(value, dict):
        yield from _check_object(value, schema, root, path)
    elif isinstance(value, (int, float)):
        yield from _check_number(value, schema, path)


def _check_text(value: str, schema: dict[str, Any], path: DataPath) -> Iterator[Violation]:
    if len(value.strip()) < schema.get("minLength", 0):
        yield path, "is too short" if value.strip() else "is blank"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield path, f"{value!r} does not match {schema['pattern']}"


def _check_number(value: float, schema: dict[str, Any], path: DataPath) -> Iterator[Violation]:
    if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield path, f"{value} is outside {schema.get('minimum', '-∞')} … {schema.get('maximum', '∞')}"


def _check_array(value: list[Any], schema: dict[str, Any], root: dict[str, Any], path: DataPath) -> Iterator[Violation]:
    if len(value) < schema.get("minItems", 0):
        yield path, f"has {len(value)} entries; at least {schema['minItems']} are needed"
    if len(value) > schema.get("maxItems", len(value)):
        yield path, f"has {len(value)} entries; at most {schema['maxItems']} are allowed"
    if schema.get("uniqueItems"):
        for index, item in enumerate(value):
            if item in value[:index]:
                yield (*path, index), f"repeats {_shown(item)}"
    if "items" in schema:
        for index, item in enumerate(value):
            yield from _check(item, schema["items"], root, (*path, index))


def _check_object(
    value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], path: DataPath
) -> Iterator[Violation]:
    for key in schema.get("required", ()):
        if key not in value:
            yield path, f"lacks {key!r}"
    known = schema.get("properties", {})
    for key, item in value.items():
        if key in known:
            yield from _check(item, known[key], root, (*path, key))
        elif schema.get("additionalProperties") is False:
            yield (*path, key), f"{key!r} is not a known key (known: {', '.join(known)})"


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES[kind])


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aio' else 'a'} {kind}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
