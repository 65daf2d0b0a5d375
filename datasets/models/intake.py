import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from .work import Work


def place_of_upload(upload: "CaseImport", name: str) -> str:
    """A name of our own: what a visitor's file was called reaches no file system."""
    return f"imports/{upload.pk}"


class CaseImport(Work):
    """A file of cases on its way in: first checked, then, when a person says so, imported as a whole.

    ``report`` is what the check found: counts, faults row by row, badges, samples.
    """

    class Step(models.TextChoices):
        CHECK = "CHECK", "Check"
        IMPORT = "IMPORT", "Import"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="case_imports")
    file = models.FileField(upload_to=place_of_upload)
    filename = models.CharField(max_length=200)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=20, default="auto")
    licence = models.CharField(max_length=120, blank=True, help_text="For cases that name none themselves.")
    step = models.CharField(max_length=6, choices=Step.choices, default=Step.CHECK)
    report = models.JSONField(default=dict)

    class Meta(Work.Meta):
        abstract = False
        ordering = ["-queued_at"]
        constraints = [
            *Work.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(state="SUCCEEDED") | ~Q(report={}), name="caseimport_reports_when_done"
            ),
        ]

    def __str__(self) -> str:
        return self.filename
