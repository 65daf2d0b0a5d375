import base64
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from datasets.selectors.versions import get_export, get_version, list_versions
from datasets.web.access import for_data
from datasets.web.answers import answer
from diagnosis.selectors.markdown import render_markdown
from diagnosis.web.answers import own_or_404
from diagnosis.web.context import paginate


@require_GET
@for_data()
def version_list(request: HttpRequest) -> HttpResponse:
    page = paginate(list_versions(), request.GET.get("page"))
    return answer(request, "datasets/version_list.html", "results", {"page": page}, tab="versions")


@require_GET
@for_data()
def version_detail(request: HttpRequest, version_id: UUID) -> HttpResponse:
    version = own_or_404(get_version, version_id=version_id)
    card = mark_safe(render_markdown(version.card))  # noqa: S308 - sanitised there
    context = {"section": "data", "tab": "versions", "version": version, "card": card}
    return render(request, "datasets/version_detail.html", context)


@require_GET
@for_data()
def export_download(request: HttpRequest, export_id: UUID) -> FileResponse:
    """The file in pieces, with its checksum beside it as ``sha256sum`` and HTTP name it."""
    export = own_or_404(get_export, export_id=export_id)
    try:
        file = export.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    name = f"{export.version.dataset.slug}-v{export.version.number}-{export.file.name.rpartition('/')[2]}"
    response = FileResponse(file, as_attachment=True, filename=name, content_type="application/octet-stream")
    response["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(export.sha256)).decode()}:"
    response["ETag"] = f'"{export.sha256}"'
    return response
