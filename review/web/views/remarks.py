from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from diagnosis.web.answers import own_or_404
from review.selectors.remarks import Part, get_part, list_remarks
from review.services.errors import RemarkRefused
from review.services.remarking import see_mentions, write_remark
from review.web.access import for_reviewers

SAID = "Said. Those whom you named and who may read it are told."


@require_http_methods(["GET", "POST"])
@for_reviewers
def remarks(request: HttpRequest, item_id: UUID) -> HttpResponse:
    part = own_or_404(get_part, user=request.user, item_id=item_id)
    if request.method == "GET":
        return _show(request, part)
    if request.POST.get("do") == "seen":
        see_mentions(part=part)
        return redirect("review_home")
    text = request.POST.get("text", "")
    try:
        write_remark(part=part, text=text)
    except RemarkRefused as refusal:
        return _show(request, part, text=text, error=str(refusal), status=422)
    messages.success(request, SAID)
    return redirect("review_remarks", item_id)


def _show(request: HttpRequest, part: Part, *, text: str = "", error: str = "", status: int = 200) -> HttpResponse:
    context = {"section": "review", "part": part, "said": list_remarks(part), "text": text, "error": error}
    return render(request, "review/remarks.html", context, status=status)
