from django.db import models
from django.db.models import Q

from .session import Session
from .trajectory import Trajectory


class Comparison(models.Model):
    """The knowledge-graph policy's own path through the case that a person has worked up, and both diagnoses judged.

    QUEUED → RUNNING → READY | FAILED; FAILED → QUEUED when the person asks again; RUNNING → QUEUED when a worker is
    lost. ``attempt`` is the fencing number: only the attempt that runs may write. The verdicts are those of
    ``medaction.bench.Verdict``, by the graph with this hash.
    """

    class State(models.TextChoices):
        QUEUED = "QUEUED", "Waiting"
        RUNNING = "RUNNING", "Working"
        READY = "READY", "Ready"
        FAILED = "FAILED", "Failed"

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="comparison")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    reference = models.ForeignKey(
        Trajectory, on_delete=models.PROTECT, null=True, blank=True, related_name="comparisons"
    )
    verdict = models.CharField(max_length=10, blank=True, help_text="The person's diagnosis.")
    reference_verdict = models.CharField(max_length=10, blank=True, help_text="The policy's diagnosis.")
    graph_hash = models.CharField(max_length=64, blank=True)
    error_message = models.CharField(max_length=400, blank=True)
    queued_at = models.DateTimeField(auto_now_add=True)
    dispatched_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-queued_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="READY", reference__isnull=False, verdict__gt="", reference_verdict__gt="")
                | (~Q(state="READY") & Q(reference__isnull=True)),
                name="comparison_path_iff_ready",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("READY", "FAILED"), finished_at__isnull=False)
                | Q(state__in=("QUEUED", "RUNNING"), finished_at__isnull=True),
                name="comparison_finished_iff_terminal",
            ),
        ]
        indexes = [
            models.Index(fields=["dispatched_at"], condition=Q(state__in=("QUEUED", "RUNNING")), name="comparison_open")
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.state}"
