import uuid

from django.db import models
from django.db.models import F, Q

from .case import Case


class Trajectory(models.Model):
    """A tree of observations and turns grown from one case. Nothing in it is edited: a correction is a new branch."""

    class Origin(models.TextChoices):
        LIVE = "LIVE", "Live walkthrough"
        SYNTHETIC = "SYNTHETIC", "Grown by a policy"
        REFERENCE = "REFERENCE", "A policy's own path, to compare with"
        BENCHMARK = "BENCHMARK", "Worked up in a benchmark"
        CORRECTED = "CORRECTED", "Gone on with after a correction"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="trajectories")
    origin = models.CharField(max_length=12, choices=Origin.choices)
    settings = models.JSONField(help_text="Environment settings, prompt hash, model: what is needed to replay it.")
    reference_key = models.CharField(
        max_length=64,
        blank=True,
        help_text="Hash of case, policy, graph and settings: the same path is walked and kept once.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "trajectories"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["reference_key"], condition=Q(origin="REFERENCE"), name="trajectory_one_per_reference_key"
            ),
            models.CheckConstraint(
                condition=Q(origin="REFERENCE", reference_key__gt="") | (~Q(origin="REFERENCE") & Q(reference_key="")),
                name="trajectory_key_iff_reference",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case.slug} {self.origin} {self.id}"


class TrajectoryNode(models.Model):
    """One observation or one turn; ``medaction.domain.tree.Node`` stored. A trigger refuses UPDATE and DELETE."""

    class Kind(models.TextChoices):
        OBSERVATION = "OBSERVATION", "Observation"
        TURN = "TURN", "Turn"

    trajectory = models.ForeignKey(Trajectory, on_delete=models.PROTECT, related_name="nodes")
    seq = models.PositiveIntegerField()
    parent_seq = models.PositiveIntegerField(null=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    content = models.JSONField()
    sampled = models.BooleanField(help_text="The model wrote this node; it counts in the training loss.")
    content_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["trajectory", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["trajectory", "seq"], name="node_seq"),
            models.UniqueConstraint(fields=["trajectory"], condition=Q(parent_seq__isnull=True), name="node_one_root"),
            models.CheckConstraint(condition=Q(parent_seq__lt=F("seq")), name="node_parent_before"),
            models.CheckConstraint(
                condition=Q(seq=0, parent_seq__isnull=True) | Q(seq__gt=0, parent_seq__isnull=False),
                name="node_root_is_zero",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.seq}"
