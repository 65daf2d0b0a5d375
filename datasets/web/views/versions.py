import base64
from pathlib import PurePosixPath
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from datasets.models import LIVE_STATES
from datasets.selectors.versions import (
    compare_with_previous,
    get_dataset,
    get_export,
    get_version,
    list_datasets,
    list_versions,
)
from datasets.web.access import for_data
from datasets.web.answers import answer
from datasets.web.formats import list_formats
from diagnosis.selectors.markdown import render_document
from diagnosis.web.answers import own_or_404
from diagnosis.web.context import paginate


@require_GET
@for_data()
def dataset_list(request: HttpRequest) -> HttpResponse:
    page = paginate(list_datasets(), request.GET.get("page"))
    return answer(request, "datasets/dataset_list.html", "results", {"page": page}, tab="datasets")


@require_GET
@for_data()
def dataset_detail(request: HttpRequest, slug: str) -> HttpResponse:
    dataset = own_or_404(get_dataset, slug=slug)
    page = paginate(list_versions(dataset), request.GET.get("page"))
    context = {"dataset": dataset, "page": page}
    return answer(request, "datasets/dataset_detail.html", "results", context, tab="datasets")


@require_GET
@for_data()
def version_list(request: HttpRequest) -> HttpResponse:
    page = paginate(list_versions(), request.GET.get("page"))
    return answer(request, "datasets/version_list.html", "results", {"page": page}, tab="datasets")


@require_GET
@for_data()
def version_detail(request: HttpRequest, version_id: UUID) -> HttpResponse:
    version = own_or_404(get_version, version_id=version_id)
    context = {
        "version": version,
        "card": mark_safe(render_document(version.card)),  # noqa: S308 - sanitised there
        "diff": compare_with_previous(version),
        "formats": list_formats(version),
        # A ring that comes while the page is fetched could be missed: while something is done, it also asks.
        "working": any(work.state in LIVE_STATES for work in (version, *version.exports.all())),
    }
    return answer(request, "datasets/version_detail.html", "state", context, tab="datasets")


@require_GET
@for_data("datasets.view_export")
def export_download(request: HttpRequest, export_id: UUID) -> FileResponse:
    """The file in pieces, with its checksum beside it as ``sha256sum`` and HTTP name it."""
    export = own_or_404(get_export, export_id=export_id)
    try:
        file = export.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    suffix = PurePosixPath(export.file.name).suffix
    name = f"{export.version.dataset.slug}-v{export.version.number}-{export.format}{suffix}"
    response = FileResponse(file, as_attachment=True, filename=name, content_type="application/octet-stream")
    response["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(export.sha256)).decode()}:"
    response["ETag"] = f'"{export.sha256}"'
    return response
