from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Reviewer(models.Model):
    """Somebody who judges. ``alias`` is what exports and adjudicators see instead of a name.

    TRAINING until enough training items agree with their references; then QUALIFIED, for good unless paused.
    """

    class State(models.TextChoices):
        TRAINING = "TRAINING", "In training"
        QUALIFIED = "QUALIFIED", "Qualified"
        PAUSED = "PAUSED", "Paused"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviewer")
    alias = models.CharField(max_length=20, unique=True)
    specialties = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.TRAINING)
    qualified_at = models.DateTimeField(null=True, blank=True)
    claims = models.PositiveIntegerField(default=0, help_text="Items served so far; decides what the next claim draws.")
    week = models.DateField(null=True, blank=True, help_text="The Monday of the week that week_count counts.")
    week_count = models.PositiveIntegerField(default=0, help_text="Real items served to them in that week.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["alias"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="QUALIFIED") | Q(qualified_at__isnull=False), name="reviewer_qualified_with_time"
            ),
        ]
        indexes = [models.Index(fields=["week"], include=["week_count"], name="reviewer_week")]

    def __str__(self) -> str:
        return self.alias
