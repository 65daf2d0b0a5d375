from django.conf import settings
from django.db import models
from django.db.models import Q

from .item import ReviewItem


class Remark(models.Model):
    """Something said about an item, to adjudicators or by one. Append-only. Raters do not see each other's."""

    item = models.ForeignKey(ReviewItem, on_delete=models.PROTECT, related_name="remarks")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="remarks")
    by_adjudicator = models.BooleanField(help_text="Else by somebody who judges the item.")
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="remark_says_something")]
        indexes = [models.Index(fields=["item", "created_at"], name="remark_of_item")]

    def __str__(self) -> str:
        return f"on {self.item_id}, {self.created_at:%Y-%m-%d %H:%M}"


class Mention(models.Model):
    """Somebody whom a remark names and who may read it. ``seen_at``: they have said that they did."""

    remark = models.ForeignKey(Remark, on_delete=models.PROTECT, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mentions")
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["remark", "user"], name="mention_once")]
        indexes = [models.Index(fields=["user"], condition=Q(seen_at__isnull=True), name="mention_unseen")]

    def __str__(self) -> str:
        return f"{self.user_id} in remark {self.remark_id}"
