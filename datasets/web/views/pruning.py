from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from datasets.models import DistillationRun
from datasets.selectors.pruning import preview_pruning
from datasets.selectors.runs import get_run, list_selections
from datasets.services.errors import RunRefused
from datasets.services.selecting import make_selection
from datasets.web.access import for_data
from datasets.web.answers import answer
from datasets.web.forms import SelectionForm, ThresholdsForm
from diagnosis.web.answers import answer_late, own_or_404
from medaction.distill.pruning import Thresholds


@require_GET
@for_data()
def run_prune(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """What the thresholds in the address would decide; the run's own to begin with."""
    run = own_or_404(get_run, run_id=run_id)
    form = ThresholdsForm({**Thresholds().to_dict(), **run.thresholds, **request.GET.dict()})
    return _page(request, run, form, SelectionForm(form.data))


@require_POST
@for_data("datasets.add_selection")
def selection_make(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = own_or_404(get_run, run_id=run_id)
    form = SelectionForm(request.POST)
    if not form.is_valid():
        return _page(request, run, ThresholdsForm(request.POST), form, status=422)
    try:
        make_selection(run=run, owner=request.user, name=form.cleaned_data["name"], thresholds=form.thresholds)
    except RunRefused as refusal:
        return answer_late(request, str(refusal), reverse("run_prune", args=[run_id]))
    return redirect("run_prune", run_id)


def _page(
    request: HttpRequest, run: DistillationRun, form: ThresholdsForm, saving: SelectionForm, status: int = 200
) -> HttpResponse:
    valid = form.is_valid()
    context = {
        "run": run,
        "form": form,
        "saving": saving if saving.is_bound and status != 200 else SelectionForm(initial=form.data),
        "sheet": preview_pruning(run, form.thresholds) if valid else None,
        "before": preview_pruning(run, Thresholds(**run.thresholds)) if valid and run.thresholds else None,
        "selections": list_selections(run),
    }
    return answer(request, "datasets/run_prune.html", "counts", context, tab="runs", status=status)
