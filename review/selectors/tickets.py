"""What of the cases should be mended, for whoever looks after them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, QuerySet

from diagnosis.models import Case
from review.models import CaseTicket, TicketVoice
from review.rules import Labels

State = CaseTicket.State


@dataclass(frozen=True, slots=True)
class Voice:
    """``turn`` counts from 1, as readers do; ``comment`` is what the reviewer wrote of that turn."""

    alias: str
    turn: int
    comment: str


def list_tickets(*, state: str) -> QuerySet[CaseTicket]:
    """``voices_count`` turns of ``people_count`` reviewers; ``has_newer``: the case has a newer revision.

    Those of the most reviewers first; resolved ones by when they were.
    """
    newer = Case.objects.filter(slug=OuterRef("case__slug"), revision__gt=OuterRef("case__revision"))
    tickets = CaseTicket.objects.filter(state=state).annotate(
        voices_count=Count("voices"),
        people_count=Count("voices__reviewer", distinct=True),
        has_newer=Exists(newer),
    )
    order = (F("resolved_at").desc(),) if state == State.RESOLVED else ("-people_count", "-voices_count", "created_at")
    return tickets.select_related("case", "mended", "resolved_by").defer(*HIDDEN).order_by(*order, "pk")


HIDDEN = tuple(f"{case}__{name}" for case in ("case", "mended") for name in ("payload", "search", "presentation"))


def list_voices_of(tickets: Iterable[CaseTicket]) -> dict[str, list[Voice]]:
    """By ticket. One query."""
    voices: dict[str, list[Voice]] = {}
    rows = TicketVoice.objects.filter(ticket__in=list(tickets)).select_related("annotation", "reviewer")
    for row in rows.order_by("pk"):
        comment = Labels.model_validate(row.annotation.labels).of(row.turn_number).comment
        voices.setdefault(str(row.ticket_id), []).append(Voice(row.reviewer.alias, row.turn_number - 1, comment))
    return voices
