import uuid

from django.db import models
from django.db.models import Q

from diagnosis.models import Trajectory

from .annotation import Pass
from .item import ReviewItem
from .reviewer import Reviewer


class Correction(models.Model):
    """A turn as a reviewer would have taken it, and what came of it when the model went on from there.

    DRAFT → RUNNING → READY → ACCEPTED | DISCARDED. What was run is never rewritten (a trigger): editing again is
    another correction. ``trajectory`` is the re-run's own; a trigger makes the correction READY when its walkthrough
    ends. The corrected turn stands at node ``turn_seq`` of the item's trajectory, or of the re-run that it ``follows``.
    """

    class State(models.TextChoices):
        DRAFT = "DRAFT", "Being written"
        RUNNING = "RUNNING", "The model goes on"
        READY = "READY", "To be accepted"
        ACCEPTED = "ACCEPTED", "Accepted"
        DISCARDED = "DISCARDED", "Discarded"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(ReviewItem, on_delete=models.PROTECT, related_name="corrections")
    reviewer = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="corrections")
    follows = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by")
    turn_number = models.PositiveIntegerField(help_text="As a trajectory counts: the first turn is 2.")
    turn_seq = models.PositiveIntegerField(help_text="The node of the turn that is corrected.")
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    revision = models.PositiveIntegerField(default=1)
    stage = models.CharField(max_length=6, choices=Pass.choices, help_text="In which pass it was last written.")
    written = models.JSONField(default=dict, help_text="The fields of the form as they stand, by name.")
    reason = models.TextField(blank=True)
    turn = models.JSONField(null=True, blank=True, help_text="The corrected turn as a stored turn has it, once run.")
    text = models.TextField(blank=True, help_text="The same in the dialect of the model.")
    trajectory = models.OneToOneField(
        Trajectory, on_delete=models.PROTECT, null=True, blank=True, related_name="correction"
    )
    leaf_seq = models.PositiveIntegerField(null=True, blank=True, help_text="Where the re-run ended.")
    labels = models.JSONField(null=True, blank=True, help_text="Step labels that accepting it yields.")
    touched_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    run_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "reviewer", "turn_number", "follows"],
                condition=Q(state__in=("DRAFT", "RUNNING", "READY")),
                nulls_distinct=False,
                name="correction_one_open_per_turn",
            ),
            models.CheckConstraint(
                condition=(
                    Q(turn__isnull=True, text="", trajectory__isnull=True, run_at__isnull=True)
                    & Q(state__in=("DRAFT", "DISCARDED"))
                )
                | (
                    Q(turn__isnull=False, trajectory__isnull=False, run_at__isnull=False)
                    & ~Q(text="")
                    & ~Q(reason="")
                    & ~Q(state="DRAFT")
                ),
                name="correction_draft_until_run",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("READY", "ACCEPTED")) | Q(leaf_seq__isnull=False),
                name="correction_ready_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(state="ACCEPTED", accepted_at__isnull=False, labels__isnull=False)
                | (~Q(state="ACCEPTED") & Q(accepted_at__isnull=True, labels__isnull=True)),
                name="correction_accepted_iff_labelled",
            ),
            models.CheckConstraint(condition=Q(turn_number__gte=2), name="correction_of_a_turn"),
        ]
        indexes = [models.Index(fields=["reviewer", "-touched_at"], name="correction_of_reviewer")]

    def __str__(self) -> str:
        return f"{self.reviewer_id} on turn {self.turn_number} of {self.item_id}: {self.state}"
