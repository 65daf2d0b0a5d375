from django.db.models import QuerySet

from datasets.models import CaseImport


def list_imports() -> QuerySet[CaseImport]:
    """Newest first, each with its owner."""
    return CaseImport.objects.select_related("owner").order_by("-queued_at")
