import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from .case import Case
from .trajectory import Trajectory

HUMAN = "human"


class Session(models.Model):
    """One person's live walkthrough of one case: WATCH, a model takes the turns; DRIVE, the person takes them.

    TERMINATED: a final diagnosis was given. TRUNCATED: the horizon was reached without one.
    """

    class Mode(models.TextChoices):
        WATCH = "WATCH", "Watch"
        DRIVE = "DRIVE", "Drive"

    class State(models.TextChoices):
        ACTIVE = "ACTIVE", "Active"
        TERMINATED = "TERMINATED", "Diagnosis given"
        TRUNCATED = "TRUNCATED", "Ended without a diagnosis"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="diagnosis_sessions")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="sessions")
    trajectory = models.OneToOneField(Trajectory, on_delete=models.PROTECT, related_name="session")
    idempotency_key = models.CharField(max_length=80, help_text="Pressing a start button twice opens one walkthrough.")
    mode = models.CharField(max_length=12, choices=Mode.choices, default=Mode.WATCH)
    model_key = models.CharField(
        max_length=120,
        help_text="openai:NAME or scripted:NAME, a configured model; human in Drive.",
    )
    model_label = models.CharField(max_length=160)
    state = models.CharField(max_length=12, choices=State.choices, default=State.ACTIVE)
    leaf_seq = models.PositiveIntegerField(default=0, help_text="The node this walkthrough has reached.")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["owner", "-created_at"], name="session_owner_recent")]
        constraints = [
            models.UniqueConstraint(fields=["owner", "idempotency_key"], name="session_idempotency"),
            models.CheckConstraint(
                condition=Q(state="ACTIVE", ended_at__isnull=True) | (~Q(state="ACTIVE") & Q(ended_at__isnull=False)),
                name="session_ended_iff_not_active",
            ),
            models.CheckConstraint(
                condition=Q(mode="DRIVE", model_key=HUMAN) | (~Q(mode="DRIVE") & ~Q(model_key=HUMAN)),
                name="session_human_iff_drive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case.slug} · {self.owner} · {self.created_at:%Y-%m-%d %H:%M}"
