from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from diagnosis.admin import ReadOnly
from review.models import Adjudication, Exemplar


@admin.register(Adjudication)
class AdjudicationAdmin(ReadOnly, ModelAdmin):
    """Whose judgement counts, under an alias, and why they disagreed. A decision that counts is superseded by none."""

    list_display = ("case", "revision", "counts", "chosen", "cause", "by", "note", "created_at")
    list_filter = ("cause", "item__rubric_version", "created_at")
    list_select_related = ("item__trajectory__case", "annotation__reviewer", "by", "superseded_by")
    search_fields = ("item__id", "item__trajectory__case__slug", "note")
    date_hierarchy = "created_at"
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Adjudication]:
        case = "item__trajectory__case"
        hidden = ("item__reference", "annotation__labels", f"{case}__payload", f"{case}__search")
        return super().get_queryset(request).select_related(*self.list_select_related).defer(*hidden)

    @admin.display(ordering="item__trajectory__case__slug")
    def case(self, made: Adjudication) -> str:
        return made.item.trajectory.case.slug

    @admin.display(boolean=True)
    def counts(self, made: Adjudication) -> bool:
        return not hasattr(made, "superseded_by")

    @admin.display(description="Judgement of")
    def chosen(self, made: Adjudication) -> str:
        return made.annotation.reviewer.alias


@admin.register(Exemplar)
class ExemplarAdmin(ReadOnly, ModelAdmin):
    list_display = ("point", "turn_number", "sentence", "by", "created_at")
    list_filter = ("point", "created_at")
    list_select_related = ("by",)
    search_fields = ("sentence", "adjudication__item__id")
