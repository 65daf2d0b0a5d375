"""One byte form for one value, and its hash."""

import hashlib
from typing import Any

import orjson


def canonical_json(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces; the same value always gives the same bytes.

    Raises ``TypeError`` for what JSON cannot say (orjson's ``JSONEncodeError`` is one).
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def content_hash(value: Any) -> str:
    """SHA-256 of :func:`canonical_json`, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value)).hexdigest()
