"""Addresses of data. tests/datasets/test_access.py lists who may open each of them."""

from django.urls import path
from django.views.generic import RedirectView

from datasets.web.views import (
    bench_runs,
    benchmarks,
    imports,
    making,
    models,
    pairing,
    pruning,
    runs,
    trees,
    versions,
)

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="run_list"), name="data"),
    path("runs/", runs.run_list, name="run_list"),
    path("runs/new/", runs.run_start, name="run_start"),
    path("runs/<uuid:run_id>/", runs.run_detail, name="run_detail"),
    path("runs/<uuid:run_id>/pause", runs.run_pause, name="run_pause"),
    path("runs/<uuid:run_id>/resume", runs.run_resume, name="run_resume"),
    path("runs/<uuid:run_id>/cancel", runs.run_cancel, name="run_cancel"),
    path("runs/<uuid:run_id>/prune/", pruning.run_prune, name="run_prune"),
    path("runs/<uuid:run_id>/selections/", pruning.selection_make, name="selection_make"),
    path("runs/<uuid:run_id>/pairs", pairing.run_pairs, name="run_pairs"),
    path("trees/<uuid:trajectory_id>/", trees.tree_detail, name="tree_detail"),
    path("trees/<uuid:trajectory_id>/pairs", pairing.tree_pairs, name="tree_pairs"),
    path("datasets/", versions.dataset_list, name="dataset_list"),
    path("datasets/new/", making.dataset_new, name="dataset_new"),
    path("datasets/<slug:slug>/", versions.dataset_detail, name="dataset_detail"),
    path("datasets/<slug:slug>/versions/new/", making.version_new, name="version_new"),
    path("datasets/<slug:slug>/versions/reviewed/", making.version_reviewed, name="version_reviewed"),
    path("versions/", versions.version_list, name="version_list"),
    path("versions/<uuid:version_id>/", versions.version_detail, name="version_detail"),
    path("versions/<uuid:version_id>/exports", making.export_make, name="export_make"),
    path("exports/<uuid:export_id>/", versions.export_download, name="export_download"),
    path("models/", models.model_list, name="model_list"),
    path("models/<uuid:release_id>/", models.model_detail, name="model_detail"),
    path("models/<uuid:release_id>/disable", models.model_disable, name="model_disable"),
    path("models/<uuid:release_id>/enable", models.model_enable, name="model_enable"),
    path("models/<uuid:release_id>/check", models.model_check, name="model_check"),
    path("benchmarks/", benchmarks.benchmark_list, name="benchmark_list"),
    path("benchmarks/new/", benchmarks.benchmark_new, name="benchmark_new"),
    path("benchmarks/<slug:key>/", benchmarks.benchmark_detail, name="benchmark_detail"),
    path("benchmarks/<slug:key>/humans", benchmarks.benchmark_humans, name="benchmark_humans"),
    path("benchmarks/<slug:key>/compare/", benchmarks.benchmark_compare, name="benchmark_compare"),
    path("benchmarks/<slug:key>/pairs", pairing.benchmark_pairs, name="benchmark_pairs"),
    path("benchmarks/<slug:key>/cases/", benchmarks.benchmark_cases, name="benchmark_cases"),
    path("benchmarks/<slug:key>/runs/new/", benchmarks.benchmark_run_new, name="benchmark_run_new"),
    path("benchmark-runs/<uuid:bench_id>/", bench_runs.run_detail, name="benchmark_run"),
    path("benchmark-runs/<uuid:bench_id>/pause", bench_runs.run_pause, name="benchmark_run_pause"),
    path("benchmark-runs/<uuid:bench_id>/resume", bench_runs.run_resume, name="benchmark_run_resume"),
    path("benchmark-runs/<uuid:bench_id>/cancel", bench_runs.run_cancel, name="benchmark_run_cancel"),
    path("benchmark-runs/<uuid:bench_id>/review", bench_runs.run_review, name="benchmark_review"),
    path(
        "benchmark-runs/<uuid:bench_id>/report.json", bench_runs.run_report, {"suffix": "json"}, name="benchmark_json"
    ),
    path(
        "benchmark-runs/<uuid:bench_id>/report.html", bench_runs.run_report, {"suffix": "html"}, name="benchmark_html"
    ),
    path("benchmark-results/<uuid:path_id>/", bench_runs.result_detail, name="benchmark_path"),
    path("imports/", imports.import_list, name="import_list"),
    path("imports/new/", imports.import_start, name="import_start"),
    path("imports/<uuid:import_id>/", imports.import_detail, name="import_detail"),
    path("imports/<uuid:import_id>/confirm", imports.import_confirm, name="import_confirm"),
]
