from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_POST

from datasets.selectors.benchmarks import list_release_runs
from datasets.selectors.versions import find_version
from datasets.web.access import for_data
from datasets.web.answers import answer
from datasets.web.forms import SwitchForm
from diagnosis.dispatch import dispatch_health_check
from diagnosis.models import ModelRelease
from diagnosis.selectors.markdown import render_document
from diagnosis.selectors.releases import count_walkthroughs, get_release, list_release_events, list_releases
from diagnosis.services import ReleaseRefused, disable_release, enable_release
from diagnosis.web.answers import own_or_404
from diagnosis.web.context import paginate
from medaction.domain.prompt import prompt_hash

SEE, SWITCH = "diagnosis.view_modelrelease", "diagnosis.change_modelrelease"


@require_GET
@for_data(SEE)
def model_list(request: HttpRequest) -> HttpResponse:
    page = paginate(list_releases(), request.GET.get("page"))
    return answer(request, "datasets/model_list.html", "results", {"page": page}, tab="models")


@require_GET
@for_data(SEE)
def model_detail(request: HttpRequest, release_id: UUID) -> HttpResponse:
    return _page(request, own_or_404(get_release, release_id=release_id), SwitchForm())


@require_POST
@for_data(SWITCH)
def model_disable(request: HttpRequest, release_id: UUID) -> HttpResponse:
    return _switch(request, release_id, disable_release)


@require_POST
@for_data(SWITCH)
def model_enable(request: HttpRequest, release_id: UUID) -> HttpResponse:
    return _switch(request, release_id, enable_release)


@require_POST
@for_data(SWITCH)
def model_check(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """A worker asks: a page's own process may not reach the model."""
    release = own_or_404(get_release, release_id=release_id)
    dispatch_health_check(release.pk)
    messages.info(request, "A worker asks the model now. This page shows what it finds.")
    return redirect("model_detail", release.pk)


def _switch(request: HttpRequest, release_id: UUID, change: Callable[..., ModelRelease]) -> HttpResponse:
    release = own_or_404(get_release, release_id=release_id)
    form = SwitchForm(request.POST)
    if form.is_valid():
        try:
            change(release=release, by=request.user, reason=form.cleaned_data["reason"])
        except ReleaseRefused as refusal:
            form.add_error("reason", str(refusal))
        else:
            return redirect("model_detail", release.pk)
    return _page(request, release, form, status=422)


def _page(request: HttpRequest, release: ModelRelease, form: SwitchForm, *, status: int = 200) -> HttpResponse:
    context = {
        "release": release,
        "form": form,
        "events": list_release_events(release),
        "version": find_version(release.trained_on),
        "bench_runs": list_release_runs(release),
        "walkthroughs": count_walkthroughs(release),
        "same_wording": release.prompt_hash == prompt_hash(),
        "card": mark_safe(render_document(release.card)),  # noqa: S308 - sanitised there
    }
    return answer(request, "datasets/model_detail.html", "state", context, tab="models", status=status)
