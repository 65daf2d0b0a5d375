from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from datasets.models import CaseImport
from datasets.selectors.imports import list_imports
from datasets.services.errors import ImportNotReady, UploadRefused
from datasets.services.intake import confirm_import, upload_cases
from datasets.web.access import for_data
from datasets.web.answers import answer
from datasets.web.forms import UploadForm
from diagnosis.web.answers import answer_late
from diagnosis.web.context import paginate


@require_GET
@for_data()
def import_list(request: HttpRequest) -> HttpResponse:
    page = paginate(list_imports(), request.GET.get("page"))
    return answer(request, "datasets/import_list.html", "results", {"page": page}, tab="imports")


@require_http_methods(["GET", "POST"])
@for_data("datasets.add_caseimport")
def import_start(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return _form(request, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            upload = upload_cases(owner=request.user, **form.cleaned_data)
        except UploadRefused as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("import_detail", upload.pk)
    return _form(request, form, status=422)


@require_GET
@for_data()
def import_detail(request: HttpRequest, import_id: UUID) -> HttpResponse:
    upload = get_object_or_404(CaseImport.objects.select_related("owner"), pk=import_id)
    return answer(request, "datasets/import_detail.html", "state", {"upload": upload}, tab="imports")


@require_POST
@for_data("datasets.add_caseimport")
def import_confirm(request: HttpRequest, import_id: UUID) -> HttpResponse:
    upload = get_object_or_404(CaseImport, pk=import_id)
    try:
        confirm_import(upload=upload)
    except ImportNotReady as refusal:
        return answer_late(request, str(refusal), reverse("import_detail", args=[import_id]))
    return redirect("import_detail", import_id)


def _form(request: HttpRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    context = {"section": "data", "tab": "imports", "form": form}
    return render(request, "datasets/import_start.html", context, status=status)
