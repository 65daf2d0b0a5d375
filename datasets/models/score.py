from django.db import models
from django.db.models import Q

from diagnosis.models import Trajectory


def in_unit(name: str) -> Q:
    return Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gte": 0, f"{name}__lte": 1})


class Score(models.Model):
    """One branch measured by one version of a metric over one graph. A trigger refuses UPDATE and DELETE.

    The columns repeat what is looked for; ``detail`` is the whole ``medaction.metrics.BranchScore.to_dict()``. None is
    "not assessable", never 0.
    """

    class Metric(models.TextChoices):
        REASONING = "REASONING", "DTC, RAC, grounding, coverage"

    trajectory = models.ForeignKey(Trajectory, on_delete=models.PROTECT, related_name="scores")
    leaf_seq = models.PositiveIntegerField()
    metric = models.CharField(max_length=20, choices=Metric.choices, default=Metric.REASONING)
    metric_version = models.CharField(max_length=40)
    graph_hash = models.CharField(max_length=64)
    dtc = models.FloatField(null=True)
    rac = models.FloatField(null=True)
    grounding = models.FloatField(null=True)
    coverage = models.FloatField(null=True)
    correct = models.BooleanField(null=True)
    turns = models.PositiveSmallIntegerField()
    brief = models.JSONField(
        default=list, help_text="What pruning reads of each turn, so that thresholds can be moved without ``detail``."
    )
    detail = models.JSONField()

    class Meta:
        ordering = ["trajectory", "leaf_seq"]
        constraints = [
            models.UniqueConstraint(
                fields=["trajectory", "leaf_seq", "metric", "metric_version", "graph_hash"], name="score_once"
            ),
            models.CheckConstraint(
                condition=in_unit("dtc") & in_unit("rac") & in_unit("grounding") & in_unit("coverage"),
                name="score_in_unit",
            ),
        ]

    def __str__(self) -> str:
        return f"Leaf {self.leaf_seq} of {self.trajectory_id}"
