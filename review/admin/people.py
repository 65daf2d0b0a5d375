from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from review.models import Reviewer
from review.services.reviewers import pause_reviewer, qualify_reviewer


@admin.register(Reviewer)
class ReviewerAdmin(ModelAdmin):
    """Who stands behind an alias is known here and nowhere else."""

    list_display = ("alias", "user", "state", "specialties", "claims", "week_count", "qualified_at")
    list_filter = ("state",)
    list_select_related = ("user",)
    search_fields = ("alias", "user__username")
    fields = ("user", "alias", "specialties", "state", "qualified_at", "claims")
    readonly_fields = ("user", "alias", "state", "qualified_at", "claims")
    actions = ("qualify", "pause")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Reviewer | None = None) -> bool:
        return False

    def has_steer_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("review.change_reviewer")

    @admin.action(description="Qualify, whatever the training says", permissions=["steer"])
    def qualify(self, request: HttpRequest, reviewers: QuerySet[Reviewer]) -> None:
        for reviewer in reviewers:
            qualify_reviewer(reviewer=reviewer, by=request.user)
        self.message_user(request, f"{len(reviewers)} reviewer(s) may judge real items.")

    @admin.action(description="Pause: no further items", permissions=["steer"])
    def pause(self, request: HttpRequest, reviewers: QuerySet[Reviewer]) -> None:
        for reviewer in reviewers:
            pause_reviewer(reviewer=reviewer, by=request.user)
        self.message_user(request, f"{len(reviewers)} reviewer(s) get no further items.")
