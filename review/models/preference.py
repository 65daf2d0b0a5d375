from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from .pair import Pair, Side
from .queue import Draw, Hold, Refusal
from .reviewer import Reviewer


class PairReservation(Hold):
    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="reservations")

    def __str__(self) -> str:
        return f"{self.reviewer_id} has {self.pair_id}"


class PairSkip(Refusal):
    pair = models.ForeignKey(Pair, on_delete=models.PROTECT, related_name="skips")

    class Meta(Refusal.Meta):
        constraints = [
            *Refusal.Meta.constraints,
            models.UniqueConstraint(fields=["pair", "reviewer"], name="pairskip_once"),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer_id} skipped {self.pair_id}: {self.reason}"


class PairDraft(models.Model):
    """What a reviewer has said so far, a ``review.rules.PairAnswer``; kept when they have answered, to go on from.

    ``revision`` grows with every change: a write against an older one is stale. ``left`` is the side that they see on
    the left, which the page calls A. ``seconds`` counts time with signs of life until the first answer.
    """

    pair = models.ForeignKey(Pair, on_delete=models.PROTECT, related_name="drafts")
    reviewer = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="pair_drafts")
    revision = models.PositiveIntegerField(default=1)
    left = models.CharField(max_length=6, choices=Side.choices)
    answer = models.JSONField(default=dict)
    answered = models.BooleanField(default=False, help_text="A preference is stored.")
    drawn = models.CharField(max_length=8, choices=Draw.choices)
    seconds = models.FloatField(default=0.0)
    touched_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-touched_at"]
        constraints = [
            models.UniqueConstraint(fields=["pair", "reviewer"], name="pairdraft_one_per_reviewer"),
            models.CheckConstraint(condition=Q(seconds__gte=0), name="pairdraft_seconds_positive"),
        ]
        # A claim asks for what was begun; what was answered, which only grows, is not looked through.
        indexes = [models.Index(fields=["reviewer"], condition=Q(answered=False), name="pairdraft_begun")]

    def __str__(self) -> str:
        return f"{self.reviewer_id} on {self.pair_id}, revision {self.revision}"


class Preference(models.Model):
    """Which of the two somebody preferred. Append-only: a change of mind is another revision, and the latest counts.

    ``choice`` is of the pair as it is stored; ``left`` is the side that stood on the left, which the page calls A.
    ``truth_shown_at`` is set once, when the reviewer asks for the truth; a later revision keeps it and so is known
    to be given in hindsight. ``seconds`` is time with signs of life until the first answer.
    """

    class Choice(models.TextChoices):
        FIRST = "FIRST", "The first"
        SECOND = "SECOND", "The second"
        TIE = "TIE", "No difference"
        BOTH_BAD = "BOTH_BAD", "Both bad"

    pair = models.ForeignKey(Pair, on_delete=models.PROTECT, related_name="preferences")
    reviewer = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="preferences")
    revision = models.PositiveIntegerField()
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    choice = models.CharField(max_length=8, choices=Choice.choices)
    left = models.CharField(max_length=6, choices=Side.choices)
    reasons = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    comment = models.TextField(blank=True)
    confidence = models.PositiveSmallIntegerField(null=True, blank=True)
    drawn = models.CharField(max_length=8, choices=Draw.choices)
    seconds = models.FloatField()
    truth_shown_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["pair", "reviewer", "revision"], name="preference_revision"),
            models.CheckConstraint(
                condition=Q(revision=1, supersedes__isnull=True) | Q(revision__gt=1, supersedes__isnull=False),
                name="preference_supersedes_iff_later",
            ),
            models.CheckConstraint(condition=Q(seconds__gte=0), name="preference_seconds_positive"),
        ]
        indexes = [models.Index(fields=["reviewer", "-created_at"], name="preference_of_reviewer")]

    def __str__(self) -> str:
        return f"{self.reviewer_id} on {self.pair_id}: {self.choice}"

    @property
    def hindsight(self) -> bool:
        """Given when the truth had been shown."""
        return self.truth_shown_at is not None and self.truth_shown_at <= self.created_at
