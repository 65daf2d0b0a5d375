"""Celery's part of review: what the beat asks for."""

from .definitions import sweep

__all__ = ["sweep"]
