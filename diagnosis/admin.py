"""Administration: everything can be read and searched, nothing that the database keeps for good can be changed.

A case changes only by importing another revision; nodes are append-only; a job is changed by its services alone.
"""

from typing import Any
from uuid import uuid4

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from diagnosis.models import (
    Case,
    Comparison,
    GenerationJob,
    ModelRelease,
    ReleaseEvent,
    Session,
    Trajectory,
    TrajectoryNode,
)
from diagnosis.services import JobNotRetryable, SessionBusy, SessionEnded, cancel_job, retry_turn


class ReadOnly:
    """Seen with the view permission; never added, changed or deleted here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Case)
class CaseAdmin(ReadOnly, ModelAdmin):
    """The diagnosis stands on the page of one case only: a list on a shared screen gives nothing away."""

    list_display = ("slug", "title", "specialty", "difficulty", "revision", "is_current", "synthetic")
    list_filter = ("is_current", "synthetic", "specialty", "difficulty", "source")
    search_fields = ("slug", "title", "specialty", "presentation")
    fieldsets = (
        (None, {"fields": ("slug", "title", "specialty", "difficulty", "age_years", "sex", "presentation")}),
        ("Truth (never shown before a walkthrough ends)", {"fields": ("diagnosis", "also_called", "orderable")}),
        ("Origin", {"fields": ("source", "licence", "group_key", "synthetic")}),
        ("Revision", {"fields": ("revision", "is_current", "content_hash", "created_at")}),
    )
    readonly_fields = ("diagnosis", "also_called", "orderable")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        return super().get_queryset(request).defer("payload", "search")

    def diagnosis(self, case: Case) -> str:
        return case.payload["diagnosis"]["text"]

    def also_called(self, case: Case) -> str:
        return ", ".join(case.payload["diagnosis"]["aliases"]) or "–"

    @admin.display(description="Tests that can be ordered")
    def orderable(self, case: Case) -> str:
        return ", ".join(item["name"] for item in case.payload["menu"])


@admin.register(Session)
class SessionAdmin(ReadOnly, ModelAdmin):
    list_display = ("id", "owner", "case", "mode", "model_label", "state", "created_at", "ended_at")
    list_filter = ("mode", "state", "model_key", "created_at")
    list_select_related = ("owner", "case")
    search_fields = ("id", "owner__username", "case__slug", "case__title")
    date_hierarchy = "created_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        return super().get_queryset(request).defer("case__payload", "case__search")


@admin.register(GenerationJob)
class GenerationJobAdmin(ReadOnly, ModelAdmin):
    list_display = ("id", "session", "turn", "state", "attempt", "worker", "error_code", "queued_at", "finished_at")
    list_filter = ("state", "error_code", "queued_at")
    list_select_related = ("session__owner", "session__case")
    search_fields = ("id", "session__id", "session__owner__username", "session__case__slug", "worker")
    date_hierarchy = "queued_at"
    actions = ("cancel", "retry")

    def get_queryset(self, request: HttpRequest) -> QuerySet[GenerationJob]:
        return super().get_queryset(request).defer("session__case__payload", "session__case__search")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("diagnosis.change_generationjob")

    @admin.action(description="Stop the selected jobs", permissions=["operate"])
    def cancel(self, request: HttpRequest, jobs: QuerySet[GenerationJob]) -> None:
        for job in jobs:
            cancel_job(job=job)
        self.message_user(request, f"Asked {len(jobs)} job(s) to stop. Finished jobs stay as they are.")

    @admin.action(description="Retry the selected jobs", permissions=["operate"])
    def retry(self, request: HttpRequest, jobs: QuerySet[GenerationJob]) -> None:
        retried = 0
        for job in jobs:
            try:
                retry_turn(job=job, idempotency_key=str(uuid4()))
                retried += 1
            except (JobNotRetryable, SessionBusy, SessionEnded) as refusal:
                self.message_user(request, f"{job.pk}: {refusal}", messages.WARNING)
        if retried:
            self.message_user(request, f"Queued {retried} turn(s) again.", messages.SUCCESS)


@admin.register(Comparison)
class ComparisonAdmin(ReadOnly, ModelAdmin):
    list_display = ("session", "state", "verdict", "reference_verdict", "attempt", "queued_at", "finished_at")
    list_filter = ("state", "verdict", "reference_verdict", "queued_at")
    list_select_related = ("session__owner", "session__case")
    search_fields = ("session__id", "session__owner__username", "session__case__slug")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Comparison]:
        return super().get_queryset(request).defer("session__case__payload", "session__case__search")


class TrajectoryNodeInline(ReadOnly, TabularInline):
    model = TrajectoryNode
    fields = ("seq", "parent_seq", "kind", "sampled", "content", "content_hash")
    extra = 0


@admin.register(Trajectory)
class TrajectoryAdmin(ReadOnly, ModelAdmin):
    list_display = ("id", "case", "origin", "nodes_stored", "created_at")
    list_filter = ("origin", "created_at")
    list_select_related = ("case",)
    search_fields = ("id", "case__slug", "case__title")
    inlines = (TrajectoryNodeInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Trajectory]:
        trajectories = super().get_queryset(request).defer("case__payload", "case__search")
        return trajectories.annotate(node_count=Count("nodes"))

    @admin.display(description="Nodes", ordering="node_count")
    def nodes_stored(self, trajectory: Trajectory) -> int:
        return trajectory.node_count


class ReleaseEventInline(ReadOnly, TabularInline):
    model = ReleaseEvent
    fields = ("at", "kind", "by", "reason", "facts")
    readonly_fields = ("at",)
    extra = 0


@admin.register(ModelRelease)
class ModelReleaseAdmin(ReadOnly, ModelAdmin):
    """Found here; checked and switched on its own page, which keeps who did it and why."""

    list_display = ("label", "key", "engine", "state", "health", "health_checked_at", "short_hash", "configured")
    list_filter = ("state", "health", "engine", "configured")
    search_fields = ("label", "key", "served_name", "content_hash", "base_hash", "adapter_hash", "trained_on")
    inlines = (ReleaseEventInline,)

    @admin.display(description="Content hash", ordering="content_hash")
    def short_hash(self, release: ModelRelease) -> str:
        return release.content_hash[:12]
