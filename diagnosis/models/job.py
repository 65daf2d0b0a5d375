import uuid

from django.db import models
from django.db.models import Q

from .session import Session

LIVE_STATES = ("QUEUED", "RUNNING")


class GenerationJob(models.Model):
    """One turn: asked of the model, or, in Drive, a person's own, which succeeds at once.

    ``attempt`` is the fencing number: only the attempt that holds the lease may commit.

    QUEUED → RUNNING → SUCCEEDED | FAILED | CANCELLED, and RUNNING → QUEUED when a lease expires.
    Cancelling is a flag (``cancel_requested_at``); the worker, or the sweeper if there is none, ends the job.
    """

    class State(models.TextChoices):
        QUEUED = "QUEUED", "Waiting"
        RUNNING = "RUNNING", "Answering"
        SUCCEEDED = "SUCCEEDED", "Done"
        FAILED = "FAILED", "Failed"
        CANCELLED = "CANCELLED", "Stopped"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="jobs")
    idempotency_key = models.CharField(max_length=80)
    request_hash = models.CharField(max_length=64, help_text="Same key with another request is refused (409).")
    turn = models.PositiveIntegerField(help_text="Turn number t; o1 is t=1, so the model's first turn is 2.")
    parent_seq = models.PositiveIntegerField(help_text="The trajectory node this turn follows.")
    node_seq = models.PositiveIntegerField(null=True, blank=True, help_text="The turn's node, once it succeeded.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=120, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    partial_text = models.TextField(blank=True, help_text="Checkpoint of the raw text of the latest attempt.")
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.CharField(max_length=400, blank=True)
    queued_at = models.DateTimeField(auto_now_add=True)
    dispatched_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    first_token_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["queued_at"]
        constraints = [
            models.UniqueConstraint(fields=["session", "idempotency_key"], name="job_idempotency"),
            models.UniqueConstraint(fields=["session"], condition=Q(state__in=LIVE_STATES), name="job_one_live"),
            models.CheckConstraint(
                condition=(Q(state__in=LIVE_STATES) & Q(finished_at__isnull=True))
                | (~Q(state__in=LIVE_STATES) & Q(finished_at__isnull=False)),
                name="job_finished_iff_terminal",
            ),
            models.CheckConstraint(
                condition=(Q(state="RUNNING") & Q(lease_expires_at__isnull=False))
                | (~Q(state="RUNNING") & Q(lease_expires_at__isnull=True)),
                name="job_lease_iff_running",
            ),
            models.CheckConstraint(
                condition=(Q(state="SUCCEEDED") & Q(node_seq__isnull=False))
                | (~Q(state="SUCCEEDED") & Q(node_seq__isnull=True)),
                name="job_node_iff_succeeded",
            ),
        ]
        indexes = [
            models.Index(fields=["queued_at"], condition=Q(state="QUEUED"), name="job_queue"),
            models.Index(fields=["lease_expires_at"], condition=Q(state="RUNNING"), name="job_leases"),
        ]

    def __str__(self) -> str:
        return f"t{self.turn} {self.state} (attempt {self.attempt})"
