"""Reads. Nothing here changes anything."""

from .authoritative import list_authoritative

__all__ = ["list_authoritative"]
