from django.contrib import admin
from django.http import HttpRequest
from django.urls import path
from unfold.admin import ModelAdmin

from datasets.admin.graph import GraphView
from datasets.models import DistillationRun, RunCase
from diagnosis.admin import ReadOnly


@admin.register(DistillationRun)
class DistillationRunAdmin(ReadOnly, ModelAdmin):
    """Runs are started, steered and looked into on their own pages; here they are found."""

    list_display = (
        "name",
        "policy",
        "state",
        "origin",
        "progress",
        "branch_count",
        "retained_count",
        "truncated_count",
        "rejected_count",
        "owner",
        "created_at",
    )
    list_filter = ("state", "origin", "policy", "metric_version", "created_at")
    list_select_related = ("owner",)
    search_fields = ("name", "fingerprint", "graph_hash", "owner__username")
    date_hierarchy = "created_at"

    @admin.display(description="Cases")
    def progress(self, run: DistillationRun) -> str:
        failed = f", {run.failed_count} failed" if run.failed_count else ""
        return f"{run.grown_count} of {run.case_count}{failed}"

    def get_urls(self):
        graph = path("graph/", self.admin_site.admin_view(GraphView.as_view(model_admin=self)), name="datasets_graph")
        return [graph, *super().get_urls()]


@admin.register(RunCase)
class RunCaseAdmin(ReadOnly, ModelAdmin):
    """One case of a run: where its tree is, or why there is none."""

    list_display = ("case", "run", "node_count", "branch_count", "seed", "error_message")
    list_filter = (("error_message", admin.EmptyFieldListFilter), "run")
    list_select_related = ("run", "case")
    search_fields = ("case__slug", "case__title", "run__name")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).defer("case__payload", "case__search", "run__manifest")
