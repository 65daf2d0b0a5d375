from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from datasets.models import DistillationRun
from datasets.selectors.runs import count_verdicts, get_progress, get_run, get_selection, list_run_cases, list_runs
from datasets.services.errors import RunRefused
from datasets.services.starting import start_run
from datasets.services.steering import cancel_run, pause_run, resume_run
from datasets.web.access import for_data
from datasets.web.answers import answer
from datasets.web.forms import CaseChoiceForm, RunFilterForm, RunForm, RunPairForm
from diagnosis.web.access import wants_fragment
from diagnosis.web.answers import answer_late, own_or_404
from diagnosis.web.context import paginate

STEER = "datasets.change_distillationrun"


@require_GET
@for_data()
def run_list(request: HttpRequest) -> HttpResponse:
    page = paginate(list_runs(), request.GET.get("page"))
    return answer(request, "datasets/run_list.html", "results", {"page": page}, tab="runs")


@require_http_methods(["GET", "POST"])
@for_data("datasets.add_distillationrun")
def run_start(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return _start_form(request, CaseChoiceForm(request.GET), RunForm(), status=200)
    choice, form = CaseChoiceForm(request.POST), RunForm(request.POST)
    if choice.is_valid() and form.is_valid():
        try:
            run, created = start_run(
                owner=request.user,
                name=form.cleaned_data["name"],
                cases=list(choice.list_cases().only("pk", "content_hash")),
                policy=form.cleaned_data["policy"],
                config=form.config,
                thresholds=form.thresholds,
                seed=form.cleaned_data["seed"],
            )
        except RunRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            if not created:
                messages.info(request, "The same run was made before: same cases, policy, shape and seed. Here it is.")
            return redirect("run_detail", run.pk)
    return _start_form(request, choice, form, status=422)


@require_GET
@for_data()
def run_detail(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = own_or_404(get_run, run_id=run_id)
    context = {"run": run, "progress": get_progress(run), "pair_form": RunPairForm()}
    if wants_fragment(request) and request.htmx.target == "run-state":
        return answer(request, "datasets/run_detail.html", "state", context, tab="runs")
    form = RunFilterForm(request.GET)
    selection = get_selection(run)
    rows = list_run_cases(run, kind=form.value("kind"), query=form.value("q"), selection=selection)
    page = paginate(rows, request.GET.get("page"))
    counts = count_verdicts(selection, page.object_list)
    for row in page:
        row.verdict_counts = counts.get(row.trajectory_id, {})
    return answer(request, "datasets/run_detail.html", "trees", {**context, "form": form, "page": page}, tab="runs")


@require_POST
@for_data(STEER)
def run_pause(request: HttpRequest, run_id: UUID) -> HttpResponse:
    return _steer(request, run_id, pause_run)


@require_POST
@for_data(STEER)
def run_resume(request: HttpRequest, run_id: UUID) -> HttpResponse:
    return _steer(request, run_id, resume_run)


@require_POST
@for_data(STEER)
def run_cancel(request: HttpRequest, run_id: UUID) -> HttpResponse:
    return _steer(request, run_id, cancel_run)


def _steer(request: HttpRequest, run_id: UUID, change: Callable[..., None]) -> HttpResponse:
    run: DistillationRun = own_or_404(get_run, run_id=run_id)
    try:
        change(run=run)
    except RunRefused as refusal:
        return answer_late(request, str(refusal), reverse("run_detail", args=[run_id]))
    return redirect("run_detail", run_id)


def _start_form(request: HttpRequest, choice: CaseChoiceForm, form: RunForm, *, status: int) -> HttpResponse:
    context = {"choice": choice, "form": form, "matched": choice.list_cases().count()}
    return answer(request, "datasets/run_start.html", "matched", context, tab="runs", status=status)
