from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from datasets.models import Benchmark, BenchmarkResult, BenchmarkRun
from diagnosis.admin import ReadOnly


@admin.register(Benchmark)
class BenchmarkAdmin(ReadOnly, ModelAdmin):
    """Benchmarks are made, run and looked into on their own pages; here they are found."""

    list_display = ("name", "key", "case_count", "content_hash", "owner", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("owner",)
    search_fields = ("name", "key", "description", "content_hash")


@admin.register(BenchmarkRun)
class BenchmarkRunAdmin(ReadOnly, ModelAdmin):
    list_display = ("policy_label", "benchmark", "policy", "state", "progress", "top1", "seed", "owner", "created_at")
    list_filter = ("state", "benchmark", "policy", "metric_version", "created_at")
    list_select_related = ("benchmark", "owner")
    search_fields = ("policy", "policy_label", "benchmark__name", "fingerprint", "graph_hash", "owner__username")
    date_hierarchy = "created_at"

    @admin.display(description="Results")
    def progress(self, run: BenchmarkRun) -> str:
        failed = f", {run.failed_count} failed" if run.failed_count else ""
        return f"{run.done_count} of {run.result_count}{failed}"

    @admin.display(description="Top 1 (95 % interval), n")
    def top1(self, run: BenchmarkRun) -> str:
        if not run.report:
            return "–"
        low, high = run.report["top1_ci"]
        return f"{run.report['top1']:.3f} ({low:.3f} to {high:.3f}), {run.report['n']}"


@admin.register(BenchmarkResult)
class BenchmarkResultAdmin(ReadOnly, ModelAdmin):
    """One case of a run: what came of it, or why there is nothing."""

    list_display = ("case", "sample", "outcome", "format_failures", "run", "error_message")
    list_filter = ("outcome", ("error_message", admin.EmptyFieldListFilter), "run")
    list_select_related = ("run__benchmark", "case")
    search_fields = ("case__slug", "case__title", "run__policy_label", "run__benchmark__name")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest):
        hidden = ("record", "case__payload", "case__search", "run__manifest", "run__report")
        return super().get_queryset(request).defer(*hidden)
