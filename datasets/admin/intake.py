from django.contrib import admin
from unfold.admin import ModelAdmin

from datasets.models import CaseImport
from diagnosis.admin import ReadOnly


@admin.register(CaseImport)
class CaseImportAdmin(ReadOnly, ModelAdmin):
    """Who brought in which file, and what came of it."""

    list_display = ("filename", "step", "state", "cases", "faults", "licence", "owner", "queued_at")
    list_filter = ("step", "state", "format", "queued_at")
    list_select_related = ("owner",)
    search_fields = ("filename", "sha256", "owner__username", "licence")
    exclude = ("file",)
    date_hierarchy = "queued_at"

    def cases(self, upload: CaseImport) -> int | None:
        return upload.report.get("cases")

    def faults(self, upload: CaseImport) -> int | None:
        return upload.report.get("fault_count")
