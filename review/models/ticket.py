import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from diagnosis.models import Case

from .annotation import Annotation
from .reviewer import Reviewer


class CaseTicket(models.Model):
    """Reviewers found a case hard to judge for a reason that lies in the case: it should be mended.

    One is open for a case and ``part``, the reason as the rubric names it; resolved with a note, or by a newer revision
    of the case.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", "Open"
        RESOLVED = "RESOLVED", "Resolved"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tickets")
    part = models.CharField(max_length=40)
    words = models.CharField(max_length=80, help_text="The reason in the words of the rubric.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    note = models.CharField(max_length=400, blank=True)
    mended = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="The revision that mends it."
    )
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["case", "part"], condition=Q(state="OPEN"), name="ticket_one_open"),
            models.CheckConstraint(
                condition=Q(state="RESOLVED", resolved_at__isnull=False, resolved_by__isnull=False)
                | Q(state="OPEN", resolved_at__isnull=True, resolved_by__isnull=True, mended__isnull=True, note=""),
                name="ticket_resolved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN") | ~Q(note="") | Q(mended__isnull=False), name="ticket_resolved_somehow"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.words}"


class TicketVoice(models.Model):
    """A reviewer's turn that a ticket rests on. What they wrote stands in the annotation. Append-only."""

    ticket = models.ForeignKey(CaseTicket, on_delete=models.PROTECT, related_name="voices")
    annotation = models.ForeignKey(Annotation, on_delete=models.PROTECT, related_name="ticket_voices")
    reviewer = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="+")
    item_id = models.UUIDField()
    part = models.CharField(max_length=40)
    turn_number = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["reviewer", "item_id", "part", "turn_number"], name="ticket_voice_once"),
        ]

    def __str__(self) -> str:
        return f"Turn {self.turn_number} of {self.item_id}"
