from django.conf import settings
from django.db import models
from django.db.models import F, Q

from .annotation import Annotation
from .item import ReviewItem


class Adjudication(models.Model):
    """Which annotation of an item is the authoritative one, and why reviewers disagreed.

    Append-only. Revisions of one item are a chain, so that exactly one of them is superseded by nothing: it counts.
    Triggers hold it to annotations of its item, to items with all their judgements, and to people who did not judge.
    """

    class Cause(models.TextChoices):
        NONE = "NONE", "They do not disagree"
        SLIP = "SLIP", "A slip: something was overlooked or pressed by mistake"
        RUBRIC = "RUBRIC", "The rubric is unclear"
        CASE = "CASE", "The case is incomplete or ambiguous"
        KNOWLEDGE = "KNOWLEDGE", "Knowledge differs"
        EQUIPOISE = "EQUIPOISE", "Genuine equipoise: good colleagues would disagree"

    item = models.ForeignKey(ReviewItem, on_delete=models.PROTECT, related_name="adjudications")
    revision = models.PositiveIntegerField()
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    annotation = models.ForeignKey(Annotation, on_delete=models.PROTECT, related_name="adjudications")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    cause = models.CharField(max_length=9, choices=Cause.choices)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["item", "revision"], name="adjudication_revision"),
            models.CheckConstraint(
                condition=Q(revision=1, supersedes__isnull=True) | Q(revision__gt=1, supersedes__isnull=False),
                name="adjudication_supersedes",
            ),
        ]
        indexes = [models.Index(F("created_at").desc(), name="adjudication_newest")]

    def __str__(self) -> str:
        return f"{self.item_id}, decision {self.revision}"


class Exemplar(models.Model):
    """A turn of an adjudicated item that shows others what a point of the rubric means.

    ``point`` is ``steps:…``, ``errors:…``, ``harms:…`` or ``hard:…`` with the value or id that the rubric gives it.
    """

    adjudication = models.ForeignKey(Adjudication, on_delete=models.PROTECT, related_name="exemplars")
    turn_number = models.PositiveIntegerField()
    point = models.CharField(max_length=60)
    sentence = models.CharField(max_length=400, help_text="What one learns from it.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["adjudication", "turn_number", "point"], name="exemplar_once"),
            models.CheckConstraint(condition=~Q(sentence=""), name="exemplar_says_something"),
        ]

    def __str__(self) -> str:
        return f"Turn {self.turn_number} for {self.point}"
