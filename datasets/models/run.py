import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from diagnosis.models import Case, Trajectory

from .work import Work

ENDED_STATES = ("CANCELLED", "FAILED", "SUCCEEDED")
# A run that was given up does not keep the same run from being made again.
GIVEN_UP_STATES = ("CANCELLED", "FAILED")


class DistillationRun(models.Model):
    """Trees grown from a list of cases by one policy, scored and pruned.

    QUEUED → RUNNING ⇄ PAUSED → SUCCEEDED, and CANCELLED or FAILED from any of the first three. Pausing and cancelling
    take effect at once: a worker in the midst of a case may not commit it any more. ``manifest`` is the library's
    (``medaction.distill.manifest``); everything in it but the time decides the result, and ``fingerprint`` is its hash.
    The counts are those of the run's own thresholds.
    """

    DONE, ALL = "grown_count", "case_count"

    class State(models.TextChoices):
        QUEUED = "QUEUED", "Waiting for a worker"
        RUNNING = "RUNNING", "Growing"
        PAUSED = "PAUSED", "Paused"
        CANCELLED = "CANCELLED", "Cancelled"
        FAILED = "FAILED", "Failed"
        SUCCEEDED = "SUCCEEDED", "Done"

    class Origin(models.TextChoices):
        SITE = "SITE", "Grown here"
        DIRECTORY = "DIRECTORY", "Imported from a run directory"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="distillation_runs"
    )
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.SITE)
    policy = models.CharField(max_length=160, db_index=True)
    policy_label = models.CharField(max_length=200, blank=True)
    config = models.JSONField(help_text="Shape and budgets of the trees, and settings of the environment.")
    thresholds = models.JSONField(help_text="Of the pruning that goes along with growing.")
    seed = models.BigIntegerField()
    graph_hash = models.CharField(max_length=64)
    metric_version = models.CharField(max_length=40)
    manifest = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    error_message = models.CharField(max_length=400, blank=True)
    case_count = models.PositiveIntegerField()
    grown_count = models.PositiveIntegerField(default=0, help_text="Cases whose tree is stored.")
    failed_count = models.PositiveIntegerField(default=0, help_text="Cases whose tree could not be grown.")
    node_count = models.PositiveIntegerField(default=0)
    branch_count = models.PositiveIntegerField(default=0)
    retained_count = models.PositiveIntegerField(default=0)
    truncated_count = models.PositiveIntegerField(default=0)
    rejected_count = models.PositiveIntegerField(default=0)
    unassessable_count = models.PositiveIntegerField(default=0)
    seconds_worked = models.FloatField(default=0, help_text="Of all workers together; pauses do not count.")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    progressed_at = models.DateTimeField(null=True, blank=True, help_text="When something last came of it.")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"], condition=~Q(state__in=GIVEN_UP_STATES), name="run_fingerprint"
            ),
            models.CheckConstraint(
                condition=(Q(state__in=ENDED_STATES) & Q(finished_at__isnull=False))
                | (~Q(state__in=ENDED_STATES) & Q(finished_at__isnull=True)),
                name="run_finished_iff_ended",
            ),
            models.CheckConstraint(
                condition=Q(case_count__gte=F("grown_count") + F("failed_count")), name="run_counts_its_cases"
            ),
            models.CheckConstraint(
                condition=Q(
                    branch_count__gte=F("retained_count")
                    + F("truncated_count")
                    + F("rejected_count")
                    + F("unassessable_count")
                ),
                name="run_verdicts_are_of_branches",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], condition=Q(state__in=("QUEUED", "RUNNING")), name="run_active")]

    def __str__(self) -> str:
        return self.name

    @property
    def pieces(self) -> models.Manager["RunCase"]:
        """What comes of it one by one."""
        return self.cases


class RunChunk(Work):
    """A few cases of a run: what a worker takes at a time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(DistillationRun, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()

    class Meta(Work.Meta):
        abstract = False
        ordering = ["run", "number"]
        constraints = [
            *Work.Meta.constraints,
            models.UniqueConstraint(fields=["run", "number"], name="chunk_number"),
        ]

    def __str__(self) -> str:
        return f"Part {self.number} of {self.run}"

    @property
    def pieces(self) -> models.Manager["RunCase"]:
        return self.cases


class RunCase(models.Model):
    """One case of a run, and the tree that grew from it. The rest of ``medaction.distill.record.TreeRecord`` is here.

    ``leaves`` and ``rejected`` are as in the record; ``seed`` is the tree's.
    """

    run = models.ForeignKey(DistillationRun, on_delete=models.CASCADE, related_name="cases")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="run_cases")
    chunk = models.ForeignKey(RunChunk, on_delete=models.CASCADE, null=True, related_name="cases")
    position = models.PositiveIntegerField(help_text="In the order of the run's cases.")
    trajectory = models.OneToOneField(Trajectory, on_delete=models.PROTECT, null=True, related_name="run_case")
    policy = models.CharField(max_length=160, blank=True, help_text="Of the run's policies, the one that grew it.")
    seed = models.BigIntegerField(null=True)
    leaves = models.JSONField(default=list)
    rejected = models.JSONField(default=list)
    usage = models.JSONField(default=dict)
    node_count = models.PositiveIntegerField(default=0)
    branch_count = models.PositiveIntegerField(default=0)
    error_message = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["run", "position"]
        constraints = [
            models.UniqueConstraint(fields=["run", "case"], name="runcase_case"),
            models.UniqueConstraint(fields=["run", "position"], name="runcase_position"),
            models.CheckConstraint(
                condition=Q(trajectory__isnull=True) | (Q(error_message="") & Q(seed__isnull=False)),
                name="runcase_grown_or_failed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run}, case {self.position + 1}"
