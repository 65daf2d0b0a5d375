from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """Who did what in review. Append-only; a trigger chains each row to the one before by SHA-256, so that a row that
    was changed or taken out behind the database's back shows.

    ``by`` None is the program itself. ``detail`` holds ids and reasons, never what a reviewer wrote.
    """

    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=80, help_text="Model and id, as in item:… or rubric:…")
    detail = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64, editable=False, default="")
    hash = models.CharField(max_length=64, unique=True, editable=False, default="")

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["subject"], name="audit_subject")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} {self.subject}"
