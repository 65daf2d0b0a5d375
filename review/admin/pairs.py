from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from diagnosis.admin import ReadOnly
from review.admin.items import BY_HAND
from review.models import Pair, PairSkip, Preference
from review.services import ItemRefused, retire_pair


@admin.register(Pair)
class PairAdmin(ReadOnly, ModelAdmin):
    """Tells whose the two ways are, so it is not for those who compare them."""

    list_display = ("case", "scope", "state", "places", "priority", "first_policy", "second_policy", "reason")
    list_filter = ("state", "scope", "specialty", "priority", "rubric_version", "created_at")
    list_select_related = ("case",)
    search_fields = ("id", "case__slug", "case__title", "reason", "first_policy", "second_policy")
    date_hierarchy = "created_at"
    show_full_result_count = False
    actions = ("retire",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Pair]:
        return super().get_queryset(request).defer("case__payload", "case__search")

    def has_view_permission(self, request: HttpRequest, obj: Pair | None = None) -> bool:
        return request.user.has_perm("review.see_policies")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_steer_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("review.change_pair")

    @admin.display(description="Answered of required")
    def places(self, pair: Pair) -> str:
        held = f", {pair.reserved_count} at work" if pair.reserved_count else ""
        return f"{pair.done_count} of {pair.required}{held}"

    @admin.action(description="Retire the selected pairs", permissions=["steer"])
    def retire(self, request: HttpRequest, pairs: QuerySet[Pair]) -> None:
        retired = 0
        for pair in pairs:
            try:
                retire_pair(pair=pair, reason=BY_HAND, by=request.user)
                retired += 1
            except ItemRefused as refusal:
                self.message_user(request, f"{pair.pk}: {refusal}", messages.WARNING)
        if retired:
            self.message_user(request, f"{retired} pair(s) retired. What was written about them is kept.")


@admin.register(Preference)
class PreferenceAdmin(ReadOnly, ModelAdmin):
    """Under the alias of who gave it."""

    list_display = ("reviewer", "pair", "revision", "choice", "left", "confidence", "drawn", "seconds", "created_at")
    list_filter = ("choice", "left", "drawn", "created_at")
    list_select_related = ("reviewer", "pair")
    search_fields = ("reviewer__alias", "pair__id", "comment")
    date_hierarchy = "created_at"
    show_full_result_count = False


@admin.register(PairSkip)
class PairSkipAdmin(ReadOnly, ModelAdmin):
    list_display = ("reviewer", "pair", "reason", "note", "created_at")
    list_filter = ("reason", "created_at")
    list_select_related = ("reviewer", "pair")
    search_fields = ("reviewer__alias", "pair__id", "note")
