from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from datasets.models import Dataset, DatasetVersion, Export
from diagnosis.admin import ReadOnly


class VersionInline(ReadOnly, TabularInline):
    model = DatasetVersion
    fields = ("number", "state", "content_hash", "owner", "finished_at")
    extra = 0
    show_change_link = True


@admin.register(Dataset)
class DatasetAdmin(ModelAdmin):
    """The name and the description of a dataset may change; what is in its versions may not."""

    list_display = ("name", "slug", "versions_built", "owner", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("owner",)
    search_fields = ("name", "slug", "description")
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "description")
    inlines = (VersionInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dataset]:
        return super().get_queryset(request).annotate(version_count=Count("versions"))

    def save_model(self, request: HttpRequest, dataset: Dataset, form: object, change: bool) -> None:
        if not change:
            dataset.owner = request.user
        super().save_model(request, dataset, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Dataset | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.versions.exists())

    @admin.display(description="Versions", ordering="version_count")
    def versions_built(self, dataset: Dataset) -> int:
        return dataset.version_count


@admin.register(DatasetVersion)
class DatasetVersionAdmin(ReadOnly, ModelAdmin):
    list_display = ("__str__", "state", "branches", "cases", "licences_carried", "content_hash", "finished_at")
    list_filter = ("state", "dataset", "finished_at")
    list_select_related = ("dataset",)
    search_fields = ("dataset__name", "dataset__slug", "content_hash")
    date_hierarchy = "finished_at"

    def branches(self, version: DatasetVersion) -> int | None:
        return version.counts.get("branches")

    def cases(self, version: DatasetVersion) -> int | None:
        return version.counts.get("cases")

    @admin.display(description="Licences")
    def licences_carried(self, version: DatasetVersion) -> str:
        return "; ".join(version.licences) or "–"


@admin.register(Export)
class ExportAdmin(ReadOnly, ModelAdmin):
    list_display = ("version", "format", "state", "row_count", "size_bytes", "sha256", "owner", "finished_at")
    list_filter = ("state", "format", "finished_at")
    list_select_related = ("version__dataset", "owner")
    search_fields = ("sha256", "version__dataset__name")
