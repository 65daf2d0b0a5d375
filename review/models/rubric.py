from django.conf import settings
from django.db import models
from django.db.models import Q

from review.rules import RubricContent, read_content


class Rubric(models.Model):
    """By which questions trajectories are judged. ``current`` is the version that new items get."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    current = models.ForeignKey(
        "review.RubricVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class RubricVersion(models.Model):
    """``content`` is ``review.rules.RubricContent``. DRAFT → LOCKED by a trigger, when somebody first judges by it."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", "Draft"
        LOCKED = "LOCKED", "Locked"

    rubric = models.ForeignKey(Rubric, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.DRAFT)
    content = models.JSONField()
    note = models.CharField(max_length=400, blank=True, help_text="What is different in this version, and why.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    locked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["rubric", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["rubric", "number"], name="rubric_version_number"),
            models.CheckConstraint(
                condition=Q(state="LOCKED", locked_at__isnull=False) | Q(state="DRAFT", locked_at__isnull=True),
                name="rubric_locked_iff_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rubric} v{self.number}"

    def read(self) -> RubricContent:
        return read_content(self.content)
