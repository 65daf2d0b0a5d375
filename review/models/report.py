from django.db import models

from .rubric import RubricVersion


class AgreementReport(models.Model):
    """How far reviewers agreed by one version of a rubric, as it stood at ``computed_at``. Append-only.

    ``figures`` is what ``review.figures.build_report`` makes; ``metric`` says how. ``source`` names the judgements that
    it was made of: the same are worked out once.
    """

    rubric_version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="agreement_reports")
    metric = models.CharField(max_length=20)
    source = models.CharField(max_length=80)
    judgements = models.PositiveIntegerField()
    figures = models.JSONField()
    computed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-computed_at", "-pk"]
        permissions = [("read_agreement", "Can read how far reviewers agree")]
        constraints = [
            models.UniqueConstraint(fields=["rubric_version", "metric", "source"], name="agreement_report_once"),
        ]

    def __str__(self) -> str:
        return f"{self.rubric_version}, {self.computed_at:%Y-%m-%d %H:%M}"
