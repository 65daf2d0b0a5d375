from django.db import models
from django.db.models import F, Q

from .item import ReviewItem
from .reviewer import Reviewer


class Draw(models.TextChoices):
    """How an item came to a reviewer. What was drawn uniformly is a fair sample of all open items."""

    PRIORITY = "PRIORITY", "By priority"
    UNIFORM = "UNIFORM", "Uniformly at random"
    GOLD = "GOLD", "As a gold item"
    TRAINING = "TRAINING", "For training"
    ASSIGNED = "ASSIGNED", "By adjudicating"


class Hold(models.Model):
    """Something that a reviewer has before them. One at a time; without a sign of life it runs out."""

    reviewer = models.OneToOneField(Reviewer, on_delete=models.CASCADE, related_name="%(class)s")
    drawn = models.CharField(max_length=8, choices=Draw.choices)
    reserved_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        abstract = True
        ordering = ["expires_at"]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("heartbeat_at")), name="%(class)s_runs_out_later"),
        ]


class Reservation(Hold):
    item = models.ForeignKey(ReviewItem, on_delete=models.CASCADE, related_name="reservations")

    def __str__(self) -> str:
        return f"{self.reviewer_id} has {self.item_id}"


class Refusal(models.Model):
    """Somebody would not judge what they were given. It is not served to them again."""

    class Reason(models.TextChoices):
        OUTSIDE_SPECIALTY = "OUTSIDE_SPECIALTY", "Outside my specialty"
        CONFLICT = "CONFLICT", "I know this case or wrote it"
        BROKEN = "BROKEN", "Something in it is broken"
        CANNOT_JUDGE = "CANNOT_JUDGE", "It cannot be judged"
        OTHER = "OTHER", "Another reason"

    reviewer = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="%(class)ss")
    reason = models.CharField(max_length=20, choices=Reason.choices)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason="OTHER") | ~Q(note=""), name="%(class)s_other_says_why"),
        ]


class Skip(Refusal):
    item = models.ForeignKey(ReviewItem, on_delete=models.PROTECT, related_name="skips")

    class Meta(Refusal.Meta):
        constraints = [
            *Refusal.Meta.constraints,
            models.UniqueConstraint(fields=["item", "reviewer"], name="skip_once"),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer_id} skipped {self.item_id}: {self.reason}"
