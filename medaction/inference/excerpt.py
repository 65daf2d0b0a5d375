"""What a server said about its failure, made fit to show: one line, short, no markup, no secrets."""

from __future__ import annotations

import html
import re
from typing import Any

import orjson

MAX_CHARS = 200
_INVISIBLE_BLOCKS = re.compile(r"<(script|style|head)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_TAGS = re.compile(r"<[^>]*>?")
_SECRETS = re.compile(r"\b(?:sk-|hf_|Bearer\s+)[\w.\-]{6,}", re.IGNORECASE)


def error_excerpt(body: bytes, *, secret: str = "") -> str:
    """Return at most `MAX_CHARS` readable characters of an error body (JSON, HTML or text), `secret` blotted out."""
    text = body.decode("utf-8", "replace")
    try:
        text = _message(orjson.loads(body)) or text
    except orjson.JSONDecodeError:
        text = html.unescape(_TAGS.sub(" ", _INVISIBLE_BLOCKS.sub(" ", text)))
    if secret:
        text = text.replace(secret, "•••")
    text = _SECRETS.sub("•••", text)
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= MAX_CHARS else text[: MAX_CHARS - 1].rstrip() + "…"


def _message(payload: Any) -> str:
    """The message in the shapes in use: `{"error": {"message"}}`, `{"error": "…"}`, `{"message"}`, `{"detail"}`."""
    if isinstance(payload, str):
        return payload
    if isinstance(payload, dict):
        for key in ("error", "message", "detail"):
            if found := _message(payload.get(key)):
                return found
    return ""
