from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.views.generic import FormView
from unfold.admin import ModelAdmin
from unfold.views import UnfoldModelAdminViewMixin

from diagnosis.admin import ReadOnly
from review.admin.forms import BulkForm
from review.models import ReviewItem
from review.services import ItemRefused, retire_item
from review.services.adding import add_branches

BY_HAND = "Retired in the administration."


class BulkView(UnfoldModelAdminViewMixin, FormView):
    """Items from trajectories."""

    title = "Add items from trajectories"
    permission_required = ("review.add_reviewitem",)
    template_name = "review/admin/bulk.html"
    form_class = BulkForm
    success_url = reverse_lazy("admin:review_reviewitem_changelist")

    def form_valid(self, form: BulkForm):
        names = ("source", "most", "reason", "required", "priority", "by_specialty")
        values = {name: form.cleaned_data[name] for name in names}
        added = add_branches(trajectories=form.list_trajectories().iterator(), by=self.request.user, **values)
        if not added:
            form.add_error(None, "No branch of these is new: choose another origin, source or other cases.")
            return self.form_invalid(form)
        messages.success(self.request, f"{added} item(s) added.")
        return super().form_valid(form)


@admin.register(ReviewItem)
class ReviewItemAdmin(ReadOnly, ModelAdmin):
    """Who judged an item stands nowhere here; the reference of a gold item only on its own page."""

    list_display = (
        "case",
        "source",
        "kind",
        "state",
        "places",
        "priority",
        "triage",
        "specialty",
        "reason",
        "created_at",
    )
    list_filter = ("state", "kind", "source", "specialty", "priority", "rubric_version", "created_at")
    list_select_related = ("trajectory__case",)
    search_fields = ("id", "trajectory__case__slug", "trajectory__case__title", "reason")
    date_hierarchy = "created_at"
    show_full_result_count = False
    actions = ("retire",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReviewItem]:
        hidden = ("trajectory__case__payload", "trajectory__case__search", "trajectory__settings")
        return super().get_queryset(request).defer(*hidden)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("review.add_reviewitem")

    def has_steer_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("review.change_reviewitem")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None):
        return BulkView.as_view(model_admin=self)(request)

    @admin.display(ordering="trajectory__case__slug")
    def case(self, item: ReviewItem) -> str:
        return item.trajectory.case.slug

    @admin.display(description="Judged of required")
    def places(self, item: ReviewItem) -> str:
        held = f", {item.reserved_count} at work" if item.reserved_count else ""
        return f"{item.done_count}{held}" if item.free_slots is None else f"{item.done_count} of {item.required}{held}"

    @admin.action(description="Retire the selected items", permissions=["steer"])
    def retire(self, request: HttpRequest, items: QuerySet[ReviewItem]) -> None:
        retired = 0
        for item in items:
            try:
                retire_item(item=item, reason=BY_HAND, by=request.user)
                retired += 1
            except ItemRefused as refusal:
                self.message_user(request, f"{item.pk}: {refusal}", messages.WARNING)
        if retired:
            self.message_user(request, f"{retired} item(s) retired. What was written about them is kept.")
