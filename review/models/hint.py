from django.db import models

from .item import ReviewItem
from .reviewer import Reviewer


class GraphReading(models.Model):
    """What the metrics say of an item's branch, by one graph. Written once by a worker; nobody sees it before judging.

    ``score`` is ``medaction.metrics.BranchScore.to_dict()``; empty, with a sentence in ``error_message``, for a branch
    that cannot be scored.
    """

    item = models.ForeignKey(ReviewItem, on_delete=models.PROTECT, related_name="graph_readings")
    metric_version = models.CharField(max_length=40)
    graph_hash = models.CharField(max_length=64)
    score = models.JSONField(default=dict)
    error_message = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "metric_version", "graph_hash"], name="graph_reading_once"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} by {self.graph_hash[:12]}, metrics {self.metric_version}"


class HintShown(models.Model):
    """From here on a reviewer may see what the graph says of a turn. ``label`` is theirs as it stood before that.

    Append-only: a label that differs from this one was changed after the hint.
    """

    item = models.ForeignKey(ReviewItem, on_delete=models.PROTECT, related_name="hints_shown")
    reviewer = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="hints_shown")
    turn_number = models.PositiveIntegerField()
    reading = models.ForeignKey(GraphReading, on_delete=models.PROTECT, related_name="shown")
    label = models.JSONField(help_text="As review.rules.TurnLabel.")
    shown_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["item", "reviewer", "turn_number"]
        verbose_name_plural = "hints shown"
        constraints = [
            models.UniqueConstraint(fields=["item", "reviewer", "turn_number"], name="hint_shown_once"),
        ]

    def __str__(self) -> str:
        return f"turn {self.turn_number} of {self.item_id} to {self.reviewer_id}"
