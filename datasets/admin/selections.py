from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from datasets.models import Selection, Verdict
from diagnosis.admin import ReadOnly

KINDS = Verdict.Kind


def count_of(kind: str) -> Subquery:
    """How many branches a selection decided so. Counted for the rows of a page only."""
    verdicts = Verdict.objects.filter(selection=OuterRef("pk"), verdict=kind).order_by().values("selection")
    return Subquery(verdicts.annotate(n=Count("pk")).values("n"))


@admin.register(Selection)
class SelectionAdmin(ReadOnly, ModelAdmin):
    list_display = ("name", "run", "dtc", "rac", "retained", "truncated", "rejected", "not_assessable", "created_at")
    list_filter = ("created_at", "run__policy")
    list_select_related = ("run",)
    search_fields = ("name", "run__name", "thresholds_hash")
    date_hierarchy = "created_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Selection]:
        counts = {kind.value.lower(): count_of(kind) for kind in KINDS}
        return super().get_queryset(request).annotate(**{f"{name}_n": count for name, count in counts.items()})

    @admin.display(description="DTC at least")
    def dtc(self, selection: Selection) -> str:
        return selection.thresholds.get("dtc", "–")

    @admin.display(description="RAC at least")
    def rac(self, selection: Selection) -> str:
        return selection.thresholds.get("rac", "–")

    @admin.display(ordering="retained_n")
    def retained(self, selection: Selection) -> int:
        return selection.retained_n or 0

    @admin.display(ordering="truncated_n")
    def truncated(self, selection: Selection) -> int:
        return selection.truncated_n or 0

    @admin.display(ordering="rejected_n")
    def rejected(self, selection: Selection) -> int:
        return selection.rejected_n or 0

    @admin.display(ordering="not_assessable_n", description="Not assessable")
    def not_assessable(self, selection: Selection) -> int:
        return selection.not_assessable_n or 0


@admin.register(Verdict)
class VerdictAdmin(ReadOnly, ModelAdmin):
    """Where a branch's verdict is looked up by its rule or values."""

    list_display = ("verdict", "t_star", "rule", "case", "dtc", "rac", "coverage", "selection")
    list_filter = ("verdict", "rule", "t_star")
    list_select_related = ("selection__run", "score__trajectory__case")
    search_fields = ("score__trajectory__case__slug", "selection__name", "selection__run__name")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Verdict]:
        hidden = ("score__detail", "score__trajectory__case__payload", "score__trajectory__case__search")
        return super().get_queryset(request).defer(*hidden)

    def case(self, verdict: Verdict) -> str:
        return verdict.score.trajectory.case.slug

    def dtc(self, verdict: Verdict) -> float | None:
        return verdict.score.dtc

    def rac(self, verdict: Verdict) -> float | None:
        return verdict.score.rac

    def coverage(self, verdict: Verdict) -> float | None:
        return verdict.score.coverage
