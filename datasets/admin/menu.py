"""The sidebar of the administration. A link is shown to those who may open it."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        _group("Cases", _link("Cases", "diagnosis_case"), _link("Imports", "datasets_caseimport")),
        _group(
            "Data",
            _link("Runs", "datasets_distillationrun"),
            _link("Cases of runs", "datasets_runcase"),
            _link("Selections", "datasets_selection"),
            _link("Verdicts", "datasets_verdict"),
            _link("Datasets", "datasets_dataset"),
            _link("Versions", "datasets_datasetversion"),
            _link("Exports", "datasets_export"),
            _link("Benchmarks", "datasets_benchmark"),
            _link("Benchmark runs", "datasets_benchmarkrun"),
            _link("Benchmark results", "datasets_benchmarkresult"),
            _link("Models", "diagnosis_modelrelease"),
            {
                "title": "Knowledge graph",
                "link": reverse_lazy("admin:datasets_graph"),
                "permission": _may("datasets.view_distillationrun"),
            },
        ),
        _group(
            "Walkthroughs",
            _link("Sessions", "diagnosis_session"),
            _link("Jobs", "diagnosis_generationjob"),
            _link("Trajectories", "diagnosis_trajectory"),
        ),
        _group(
            "Review",
            _link("Items", "review_reviewitem"),
            _link("Rubrics", "review_rubric"),
            _link("Rubric versions", "review_rubricversion"),
            _link("Reviewers", "review_reviewer"),
            _link("Judgements", "review_annotation"),
            _link("Skips", "review_skip"),
            _link("Audit log", "review_auditentry"),
        ),
        _group("People", _link("Accounts", "auth_user"), _link("Roles", "auth_group")),
    ]


def _group(title: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "separator": True, "items": list(items)}


def _link(title: str, model: str) -> dict[str, Any]:
    app, _, name = model.partition("_")
    return {
        "title": title,
        "link": reverse_lazy(f"admin:{model}_changelist"),
        "permission": _may(f"{app}.view_{name}"),
    }


def _may(permission: str):
    return lambda request: request.user.has_perm(permission)
