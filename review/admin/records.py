from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from diagnosis.admin import ReadOnly
from review.models import Annotation, AuditEntry, Correction, Skip


@admin.register(Annotation)
class AnnotationAdmin(ReadOnly, ModelAdmin):
    """Under the alias of who wrote it."""

    list_display = ("reviewer", "item", "revision", "stage", "drawn", "rubric_version", "seconds", "created_at")
    list_filter = ("stage", "drawn", "rubric_version", "created_at")
    list_select_related = ("reviewer", "item", "rubric_version__rubric")
    search_fields = ("reviewer__alias", "item__id")
    date_hierarchy = "created_at"
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Annotation]:
        return super().get_queryset(request).defer("item__reference")


@admin.register(Skip)
class SkipAdmin(ReadOnly, ModelAdmin):
    list_display = ("reviewer", "item", "reason", "note", "created_at")
    list_filter = ("reason", "created_at")
    list_select_related = ("reviewer", "item")
    search_fields = ("reviewer__alias", "item__id", "note")


@admin.register(Correction)
class CorrectionAdmin(ReadOnly, ModelAdmin):
    """Under the alias of who wrote it."""

    list_display = ("reviewer", "item", "turn_number", "state", "stage", "run_at", "accepted_at")
    list_filter = ("state", "stage", "accepted_at")
    list_select_related = ("reviewer", "item")
    search_fields = ("reviewer__alias", "item__id")
    exclude = ("written",)
    show_full_result_count = False


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, ModelAdmin):
    list_display = ("at", "by", "verb", "subject", "detail", "hash")
    list_filter = ("verb", "at")
    list_select_related = ("by",)
    search_fields = ("subject", "by__username")
    show_full_result_count = False
