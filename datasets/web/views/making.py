"""Asking for datasets, versions and exports."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from datasets.models import Dataset
from datasets.selectors.versions import get_dataset, get_version
from datasets.services.errors import VersionRefused
from datasets.services.exports import create_export
from datasets.services.versions import create_dataset, create_reviewed_version, create_version
from datasets.web.access import for_data
from datasets.web.forms import DatasetForm, RecipeForm, ReviewedForm, VersionForm
from diagnosis.web.answers import answer_late, own_or_404


@require_http_methods(["GET", "POST"])
@for_data("datasets.add_dataset")
def dataset_new(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return _form(request, "datasets/dataset_new.html", DatasetForm())
    form = DatasetForm(request.POST)
    if form.is_valid():
        try:
            dataset = create_dataset(owner=request.user, **form.cleaned_data)
        except VersionRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            return redirect("dataset_detail", dataset.slug)
    return _form(request, "datasets/dataset_new.html", form, status=422)


@require_http_methods(["GET", "POST"])
@for_data("datasets.add_datasetversion")
def version_new(request: HttpRequest, slug: str) -> HttpResponse:
    dataset = own_or_404(get_dataset, slug=slug)
    if request.method == "GET":
        return _form(request, "datasets/version_new.html", VersionForm(), dataset=dataset)
    form = VersionForm(request.POST)
    if form.is_valid():
        try:
            version = create_version(
                owner=request.user,
                dataset=dataset,
                selections=list(form.cleaned_data["selections"]),
                recipe=form.recipe,
            )
        except VersionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("version_detail", version.pk)
    return _form(request, "datasets/version_new.html", form, status=422, dataset=dataset)


@require_http_methods(["GET", "POST"])
@for_data("datasets.add_datasetversion")
def version_reviewed(request: HttpRequest, slug: str) -> HttpResponse:
    """A version of what reviewers have said up to now."""
    dataset = own_or_404(get_dataset, slug=slug)
    if request.method == "GET":
        return _form(request, "datasets/version_reviewed.html", ReviewedForm(), dataset=dataset)
    form = ReviewedForm(request.POST)
    if form.is_valid():
        try:
            version = create_reviewed_version(owner=request.user, dataset=dataset, recipe=form.recipe, **form.source)
        except VersionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("version_detail", version.pk)
    return _form(request, "datasets/version_reviewed.html", form, status=422, dataset=dataset)


@require_POST
@for_data("datasets.add_export")
def export_make(request: HttpRequest, version_id: UUID) -> HttpResponse:
    version = own_or_404(get_version, version_id=version_id)
    try:
        create_export(owner=request.user, version=version, format=request.POST.get("format", ""))
    except VersionRefused as refusal:
        return answer_late(request, str(refusal), reverse("version_detail", args=[version_id]))
    return redirect("version_detail", version_id)


def _form(
    request: HttpRequest,
    template: str,
    form: DatasetForm | RecipeForm,
    *,
    status: int = 200,
    dataset: Dataset | None = None,
) -> HttpResponse:
    context = {"section": "data", "tab": "datasets", "form": form, "dataset": dataset}
    return render(request, template, context, status=status)
