from django.db import models
from django.db.models import Q

LIVE_STATES = ("QUEUED", "RUNNING")


class Work(models.Model):
    """A piece of work that one worker at a time holds by a lease. ``attempt`` fences off a worker that was given up.

    QUEUED → RUNNING → SUCCEEDED | FAILED | CANCELLED, and RUNNING → QUEUED when a lease expires or is given back.
    """

    class State(models.TextChoices):
        QUEUED = "QUEUED", "Waiting"
        RUNNING = "RUNNING", "Running"
        SUCCEEDED = "SUCCEEDED", "Done"
        FAILED = "FAILED", "Failed"
        CANCELLED = "CANCELLED", "Cancelled"

    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0, help_text="Attempts since something last came of it.")
    worker = models.CharField(max_length=120, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    dispatched_at = models.DateTimeField(null=True, blank=True, help_text="When it was last put before the workers.")
    error_message = models.CharField(max_length=400, blank=True)
    queued_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=(Q(state__in=LIVE_STATES) & Q(finished_at__isnull=True))
                | (~Q(state__in=LIVE_STATES) & Q(finished_at__isnull=False)),
                name="%(class)s_finished_iff_terminal",
            ),
            models.CheckConstraint(
                condition=(Q(state="RUNNING") & Q(lease_expires_at__isnull=False))
                | (~Q(state="RUNNING") & Q(lease_expires_at__isnull=True)),
                name="%(class)s_lease_iff_running",
            ),
        ]
        indexes = [
            models.Index(fields=["lease_expires_at"], condition=Q(state="RUNNING"), name="%(class)s_leases"),
        ]
