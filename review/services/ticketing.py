"""Cases that reviewers found hard to judge for a reason that lies in the case."""

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from diagnosis.models import Case
from review.models import Annotation, CaseTicket, ReviewItem, TicketVoice
from review.rules import Labels
from review.rules.labels import clean_text
from review.services.auditing import write_audit
from review.services.errors import TicketRefused

NOTE_LIMIT = 400
State = CaseTicket.State


def open_tickets(*, annotation: Annotation) -> list[CaseTicket]:
    """The new ones of what was ticked as a fault of the case; where one is open, it gains a voice. In the caller's
    transaction; the same again adds nothing.

    None for a training item, whose faults are there on purpose, nor for a case that has a newer revision.
    """
    item = annotation.item
    case = item.trajectory.case
    if item.kind == ReviewItem.Kind.TRAINING or not case.is_current:
        return []
    reasons = {reason.id: reason.word for reason in item.rubric_version.read().hard if reason.ticket}
    labels = Labels.model_validate(annotation.labels)
    found: dict[str, list[int]] = {}
    for number, turn in sorted(labels.turns.items()):
        for part in turn.hard:
            if part in reasons:
                found.setdefault(part, []).append(number)
    opened = []
    for part, turns in sorted(found.items()):
        ticket = _voice(annotation, case, part, reasons[part], turns)
        opened += [ticket] if ticket is not None else []
    # After all locks: whoever writes to the audit log waits for nobody any more.
    for ticket in opened:
        write_audit(by=None, verb="open_ticket", subject=ticket, case=case.slug, part=ticket.part)
    return opened


def resolve_ticket(*, ticket: CaseTicket, by: Any, note: str = "") -> CaseTicket:
    """With a note, or by the newer revision of its case. Raises :class:`TicketRefused`."""
    note = " ".join(clean_text(note).split())
    if len(note) > NOTE_LIMIT:
        raise TicketRefused(f"The note has {len(note):,} characters; at most {NOTE_LIMIT} fit.")
    with transaction.atomic():
        ticket = CaseTicket.objects.select_for_update().get(pk=ticket.pk)
        if ticket.state == State.RESOLVED:
            raise TicketRefused("This was resolved already.")
        case = Case.objects.only("slug", "revision").get(pk=ticket.case_id)
        mended = Case.objects.filter(slug=case.slug, revision__gt=case.revision).order_by("-revision").first()
        if not note and mended is None:
            raise TicketRefused("Say in a sentence what was done, or import a new version of the case first.")
        ticket.state, ticket.note, ticket.mended = State.RESOLVED, note, mended
        ticket.resolved_by, ticket.resolved_at = by, timezone.now()
        ticket.save(update_fields=["state", "note", "mended", "resolved_by", "resolved_at"])
        write_audit(by=by, verb="resolve_ticket", subject=ticket, case=case.slug, revision=mended and mended.revision)
    return ticket


def _voice(annotation: Annotation, case: Case, part: str, words: str, turns: list[int]) -> CaseTicket | None:
    """The ticket, if it is new."""
    who = {"reviewer_id": annotation.reviewer_id, "item_id": annotation.item_id, "part": part}
    known = set(TicketVoice.objects.filter(**who).values_list("turn_number", flat=True))
    new = [number for number in turns if number not in known]
    if not new:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7203117))", [f"{case.pk} {part}"])
    ticket, made = CaseTicket.objects.get_or_create(case=case, part=part, state=State.OPEN, defaults={"words": words})
    TicketVoice.objects.bulk_create(
        TicketVoice(ticket=ticket, annotation=annotation, turn_number=number, **who) for number in new
    )
    return ticket if made else None
