from django.db import models
from django.db.models import F, Q

from .item import ReviewItem
from .queue import Draw
from .reviewer import Reviewer
from .rubric import RubricVersion


class Pass(models.TextChoices):
    FIRST = "FIRST", "Future hidden"
    SECOND = "SECOND", "Truth shown"
    THIRD = "THIRD", "By an adjudicator, who saw the others'"


class Draft(models.Model):
    """What a reviewer has written so far. ``revision`` grows with every change: a write against an older one is stale.

    In the FIRST pass the page shows the branch up to the turn at ``position`` (0 is the first) and nothing later;
    ``shown`` is the furthest position that was ever shown. ``seconds`` counts time with signs of life.
    """

    item = models.ForeignKey(ReviewItem, on_delete=models.PROTECT, related_name="drafts")
    reviewer = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="drafts")
    revision = models.PositiveIntegerField(default=1)
    stage = models.CharField(max_length=6, choices=Pass.choices, default=Pass.FIRST)
    position = models.PositiveSmallIntegerField(default=0)
    shown = models.PositiveSmallIntegerField(default=0)
    labels = models.JSONField(default=dict)
    drawn = models.CharField(max_length=8, choices=Draw.choices)
    seconds = models.FloatField(default=0.0)
    touched_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-touched_at"]
        constraints = [
            models.UniqueConstraint(fields=["item", "reviewer"], name="draft_one_per_reviewer"),
            models.CheckConstraint(condition=Q(shown__gte=F("position")), name="draft_shows_its_place"),
            models.CheckConstraint(condition=Q(seconds__gte=0), name="draft_seconds_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer_id} on {self.item_id}, revision {self.revision}"


class Annotation(models.Model):
    """A judgement. Append-only: an edit is another revision that supersedes the one before.

    A reviewer's revisions are FIRST, then SECOND. Those of an adjudicator who wrote their own are THIRD throughout, and
    count as nobody's judgement of the item.
    """

    item = models.ForeignKey(ReviewItem, on_delete=models.PROTECT, related_name="annotations")
    reviewer = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="annotations")
    revision = models.PositiveIntegerField()
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    stage = models.CharField(max_length=6, choices=Pass.choices)
    rubric_version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="annotations")
    labels = models.JSONField()
    drawn = models.CharField(max_length=8, choices=Draw.choices)
    seconds = models.FloatField(help_text="Time with signs of life, in seconds, over both passes so far.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["item", "reviewer", "revision"]
        constraints = [
            models.UniqueConstraint(fields=["item", "reviewer", "revision"], name="annotation_revision"),
            models.CheckConstraint(
                condition=Q(revision=1, supersedes__isnull=True, stage__in=["FIRST", "THIRD"])
                | Q(revision__gt=1, supersedes__isnull=False, stage__in=["SECOND", "THIRD"]),
                name="annotation_first_is_blind",
            ),
            models.CheckConstraint(condition=Q(seconds__gte=0), name="annotation_seconds_positive"),
        ]
        indexes = [models.Index(fields=["reviewer", "-created_at"], name="annotation_of_reviewer")]

    def __str__(self) -> str:
        return f"{self.reviewer_id} on {self.item_id}, revision {self.revision}"
