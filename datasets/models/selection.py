import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from .run import DistillationRun
from .score import Score


class Selection(models.Model):
    """The pruning of a run's branches under one set of thresholds."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(DistillationRun, on_delete=models.CASCADE, related_name="selections")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="selections"
    )
    name = models.CharField(max_length=120)
    thresholds = models.JSONField()
    thresholds_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["run", "thresholds_hash"], name="selection_thresholds")]

    def __str__(self) -> str:
        return f"{self.run}: {self.name}"


class Verdict(models.Model):
    """What a selection decided for a branch, and by which rule and values. A trigger refuses UPDATE and DELETE."""

    class Kind(models.TextChoices):
        RETAINED = "RETAINED", "Retained"
        TRUNCATED = "TRUNCATED", "Truncated"
        REJECTED = "REJECTED", "Rejected"
        NOT_ASSESSABLE = "NOT_ASSESSABLE", "Not assessable"

    selection = models.ForeignKey(Selection, on_delete=models.CASCADE, related_name="verdicts")
    score = models.ForeignKey(Score, on_delete=models.PROTECT, related_name="verdicts")
    verdict = models.CharField(max_length=14, choices=Kind.choices)
    t_star = models.PositiveSmallIntegerField(null=True, help_text="The first turn at fault.")
    kept = models.PositiveSmallIntegerField(default=0, help_text="How many of the model's turns are kept.")
    rule = models.CharField(max_length=80)
    values = models.JSONField()

    class Meta:
        ordering = ["selection", "score"]
        constraints = [
            models.UniqueConstraint(fields=["selection", "score"], name="verdict_once"),
            models.CheckConstraint(
                condition=~Q(verdict="TRUNCATED") | Q(t_star__isnull=False), name="verdict_cut_has_a_place"
            ),
        ]
        indexes = [models.Index(fields=["selection", "verdict"], name="verdict_counts")]

    def __str__(self) -> str:
        return self.verdict
