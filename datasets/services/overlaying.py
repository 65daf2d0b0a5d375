"""The overlay file of the site, written from what is decided: PostgreSQL holds the truth, the file is for compilers."""

import os
from pathlib import Path

from django.db import connection, transaction

from datasets.models import GraphUpdate
from diagnosis.selectors.overlay import overlay_path
from medaction.knowledge.sources.overlay import render_overlay
from review.selectors.edges import list_statements

ADVISORY = 7203116


def write_overlay() -> bool:
    """Whether the file was another before; none where nothing is decided. Two at once: the later has what is decided by
    then."""
    path = overlay_path()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY])
        statements = list_statements()
        if not statements:
            was_there = path.is_file()
            path.unlink(missing_ok=True)
            return was_there
        text = render_overlay(statements)
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            return False
        _replace(path, text)
    return True


def mend_overlay() -> bool:
    """Write it anew where it was lost or is behind. Before the first update has ended there is nothing to mend."""
    in_force = GraphUpdate.objects.filter(state=GraphUpdate.State.SUCCEEDED).exists()
    return in_force and write_overlay()


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
