import uuid

from django.conf import settings
from django.db import models

from review.models import RubricVersion


class ReviewSnapshot(models.Model):
    """What reviewers had said at one moment, by one version of a rubric: what a dataset version is made of.

    A trigger refuses UPDATE and DELETE, and so do those of what it names, so that it can be built from again.
    ``held`` are ids: ``annotations`` (the second passes; the first ones belong to them), ``adjudications``,
    ``corrections``, ``preferences`` and ``blind_preferences``. ``raters`` maps a reviewer's id to the name under which
    they appear in it, which leaves this database; the id does not. ``left_out`` counts by reason.
    """

    class Nature(models.TextChoices):
        EXPERT = "expert", "Clinicians, who judged as such"
        DEMO = "demo", "A trial: nobody judged as an expert"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rubric_version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="snapshots")
    nature = models.CharField(max_length=6, choices=Nature.choices)
    aliases = models.BooleanField(default=False, help_text="Raters appear under their alias, not a pseudonym.")
    held = models.JSONField()
    raters = models.JSONField()
    gold = models.JSONField(default=dict, help_text="Of each rater: how many turns of gold items, and how many right.")
    left_out = models.JSONField(default=dict)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"Judgements by {self.rubric_version}, {self.created_at:%Y-%m-%d}"
