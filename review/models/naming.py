from django.db import models
from django.db.models import Q

from .reviewer import Reviewer


class NamePair(models.Model):
    """A true diagnosis and one that was given in a benchmark: do both names mean the same disease?

    ``verdict`` is concept match's, of the graph ``graph_hash``; empty where it cannot decide. ``disputed``: a model
    judge says otherwise than concept match counts. ``draw`` is its place in the uniform random order, from its key.
    """

    key = models.CharField(max_length=64, unique=True, help_text="Hash of the names.")
    truth = models.CharField(max_length=500)
    aliases = models.JSONField(default=list)
    given = models.CharField(max_length=500)
    verdict = models.CharField(max_length=10, blank=True)
    graph_hash = models.CharField(max_length=64)
    disputed = models.BooleanField(default=False)
    draw = models.FloatField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["draw"]
        constraints = [models.CheckConstraint(condition=Q(draw__gte=0, draw__lt=1), name="namepair_draw_0_to_1")]
        indexes = [models.Index(fields=["disputed", "draw"], name="namepair_in_order")]

    def __str__(self) -> str:
        return f"{self.truth} / {self.given}"


class JudgeRuling(models.Model):
    """What a model said of a pair, asked in the words of ``prompt_hash``. Append-only."""

    class Ruling(models.TextChoices):
        SAME = "SAME", "The same"
        DIFFERENT = "DIFFERENT", "Not the same"
        UNDECIDED = "UNDECIDED", "No ruling"

    pair = models.ForeignKey(NamePair, on_delete=models.PROTECT, related_name="judge_rulings")
    judge = models.CharField(max_length=160)
    prompt_hash = models.CharField(max_length=64)
    ruling = models.CharField(max_length=9, choices=Ruling.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pair", "judge"]
        constraints = [
            models.UniqueConstraint(fields=["pair", "judge", "prompt_hash"], name="judgeruling_once"),
        ]
        indexes = [models.Index(fields=["judge", "prompt_hash"], name="judgeruling_of_judge")]

    def __str__(self) -> str:
        return f"{self.judge} on {self.pair_id}: {self.ruling}"


class HumanRuling(models.Model):
    """What a reviewer said of a pair, without knowing what concept match and the judge said. Append-only.

    ``drawn``: only what was drawn UNIFORMly is a fair sample of all pairs.
    """

    class Ruling(models.TextChoices):
        SAME = "SAME", "The same diagnosis"
        DIFFERENT = "DIFFERENT", "Not the same"
        UNSURE = "UNSURE", "I cannot say"

    class Draw(models.TextChoices):
        DISPUTED = "DISPUTED", "As disputed"
        UNIFORM = "UNIFORM", "Uniformly at random"

    pair = models.ForeignKey(NamePair, on_delete=models.PROTECT, related_name="human_rulings")
    reviewer = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="name_rulings")
    ruling = models.CharField(max_length=9, choices=Ruling.choices)
    drawn = models.CharField(max_length=8, choices=Draw.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["pair", "reviewer"], name="humanruling_once")]

    def __str__(self) -> str:
        return f"{self.reviewer_id} on {self.pair_id}: {self.ruling}"
