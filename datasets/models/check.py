from django.db import models

from diagnosis.models import Case


class CaseCheck(models.Model):
    """What the linter said of a case. ``issues`` are ``medaction.formats.linting.LintIssue.to_dict()``."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="check_result")
    graph_hash = models.CharField(max_length=64)
    sound = models.BooleanField(help_text="No issue among them is an error.")
    issues = models.JSONField(default=list)
    checked_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.case_id}: {len(self.issues)} issues"
