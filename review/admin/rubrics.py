from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import action

from review.admin.forms import RubricVersionForm, write_yaml
from review.models import Rubric, RubricVersion
from review.rules import TrajectoryLabel, TurnLabel
from review.services import RubricRefused
from review.services.rubrics import create_version, use_version, write_version


@admin.register(Rubric)
class RubricAdmin(ModelAdmin):
    list_display = ("name", "current", "created_at")
    list_select_related = ("current__rubric",)
    fields = ("name", "slug", "description", "current")
    readonly_fields = ("current",)
    prepopulated_fields = {"slug": ("name",)}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(RubricVersion)
class RubricVersionAdmin(ModelAdmin):
    """A draft is written here; what somebody has judged by is only looked at, or copied into a new version."""

    form = RubricVersionForm
    list_display = ("rubric", "number", "state", "is_current", "note", "created_by", "created_at", "locked_at")
    list_filter = ("state", "rubric")
    list_select_related = ("rubric", "created_by")
    fields = ("rubric", "note", "text", "preview")
    actions_detail = ("copy_version", "use_for_new_items")

    def get_fields(self, request: HttpRequest, obj: RubricVersion | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("rubric", "note", "text")
        return ("rubric", "note", "questions", "preview") if self._is_locked(obj) else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: RubricVersion | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return ("rubric", "note", "questions", "preview") if self._is_locked(obj) else ("rubric", "preview")

    def has_change_permission(self, request: HttpRequest, obj: RubricVersion | None = None) -> bool:
        return (obj is None or not self._is_locked(obj)) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self):
        shown = path("<int:version_id>/preview/", self.admin_site.admin_view(self.preview_page), name="rubric_preview")
        return [shown, *super().get_urls()]

    def save_model(self, request: HttpRequest, version: RubricVersion, form: RubricVersionForm, change: bool) -> None:
        content, note = form.cleaned_data["text"], form.cleaned_data["note"]
        if change:
            write_version(version=version, content=content, note=note, by=request.user)
        else:
            made = create_version(rubric=form.cleaned_data["rubric"], content=content, note=note, by=request.user)
            version.pk, version.number = made.pk, made.number

    def preview_page(self, request: HttpRequest, version_id: int) -> HttpResponse:
        """A turn and the questions about the whole, as reviewers see them."""
        version = self.get_object(request, str(version_id))
        if version is None or not self.has_view_permission(request, version):
            return redirect("admin:review_rubricversion_changelist")
        context = {"version": version, "content": version.read(), "turn": TurnLabel(label=-1)}
        return render(request, "review/admin/preview.html", {**context, "whole": TrajectoryLabel(), "faults": {}})

    @action(description="Copy into a new version")
    def copy_version(self, request: HttpRequest, object_id: str) -> HttpResponse:
        version = RubricVersion.objects.select_related("rubric").get(pk=object_id)
        if not self.has_add_permission(request):
            messages.error(request, "You may not make a version.")
            return redirect("admin:review_rubricversion_change", object_id)
        note = f"Copied from version {version.number}."
        made = create_version(rubric=version.rubric, content=version.content, note=note, by=request.user)
        messages.success(request, f"This is version {made.number}, a draft. Items get it once you choose it for them.")
        return redirect("admin:review_rubricversion_change", made.pk)

    @action(description="Use for new items")
    def use_for_new_items(self, request: HttpRequest, object_id: str) -> HttpResponse:
        version = RubricVersion.objects.select_related("rubric").get(pk=object_id)
        if not super().has_change_permission(request, version):
            messages.error(request, "You may not choose a version.")
        else:
            try:
                use_version(version=version, by=request.user)
                messages.success(request, f"New items get version {version.number}. Items that exist keep theirs.")
            except RubricRefused as refusal:
                messages.error(request, str(refusal))
        return redirect("admin:review_rubricversion_change", object_id)

    @admin.display(description="Preview")
    def preview(self, version: RubricVersion) -> str:
        address = reverse("admin:rubric_preview", args=[version.pk])
        return format_html('<a href="{}">See the stored version as reviewers see it</a>', address)

    @admin.display(description="Questions")
    def questions(self, version: RubricVersion) -> str:
        return format_html("<pre>{}</pre>", write_yaml(version.content))

    @admin.display(boolean=True, description="For new items")
    def is_current(self, version: RubricVersion) -> bool:
        return version.rubric.current_id == version.pk

    def _is_locked(self, version: RubricVersion) -> bool:
        return version.state == RubricVersion.State.LOCKED
