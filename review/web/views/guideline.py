from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from review.selectors.guideline import get_guideline, list_versions
from review.services.reviewers import ensure_reviewer
from review.web.access import JUDGE, for_readers_of_guidelines


@require_GET
@for_readers_of_guidelines
def guideline(request: HttpRequest) -> HttpResponse:
    versions = list_versions()
    wanted = request.GET.get("version")
    # Without a choice the one that new items get.
    default = next((each for each in versions if each == each.rubric.current), None)
    version = next((each for each in versions if str(each.pk) == wanted), None) if wanted else default
    if wanted and version is None:
        raise Http404
    reader = ensure_reviewer(user=request.user) if request.user.has_perm(JUDGE) else None
    found = get_guideline(version=version, reader=reader) if version else None
    return render(request, "review/guideline.html", {"section": "review", "versions": versions, "guideline": found})
