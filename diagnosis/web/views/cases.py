from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from diagnosis.models import Case
from diagnosis.selectors.cases import get_case, list_cases
from diagnosis.selectors.chat_models import (
    ModelSwitchedOffError,
    UnknownChatModelError,
    list_known_models,
)
from diagnosis.selectors.sessions import list_sessions
from diagnosis.services import IdempotencyConflict, start_session
from diagnosis.web.access import signed_in, wants_fragment
from diagnosis.web.answers import USED_FORM, answer_late
from diagnosis.web.context import attach_sessions, paginate
from diagnosis.web.forms import CaseFilterForm, KeyForm, WatchForm


@require_GET
@signed_in
def case_list(request: HttpRequest) -> HttpResponse:
    form = CaseFilterForm(request.GET)
    cases = list_cases(
        query=form.value("q"),
        specialty=form.value("specialty"),
        difficulty=form.value("difficulty"),
        source=form.value("source"),
    )
    if form.value("origin"):
        cases = cases.filter(synthetic=form.value("origin") == "synthetic")
    page = paginate(cases, request.GET.get("page"))
    attach_sessions(page, request.user)
    template = "diagnosis/case_list.html"
    return render(
        request,
        f"{template}#results" if wants_fragment(request) else template,
        {"section": "cases", "form": form, "page": page},
    )


@require_GET
@signed_in
def case_detail(request: HttpRequest, slug: str) -> HttpResponse:
    return _case_page(request, case_or_404(slug), WatchForm())


@require_POST
@signed_in
def session_start(request: HttpRequest, slug: str) -> HttpResponse:
    """Start a walkthrough, or find the one that the same form started a moment ago."""
    case = case_or_404(slug)
    form = WatchForm(request.POST)
    if not form.is_valid():
        return _case_page(request, case, form, status=422)
    try:
        session = start_session(
            owner=request.user,
            case=case,
            model_key=form.cleaned_data["model_key"],
            idempotency_key=str(form.cleaned_data["idempotency_key"]),
        )
    except IdempotencyConflict:
        return answer_late(request, USED_FORM, reverse("case_detail", args=[case.slug]))
    except ModelSwitchedOffError as error:
        form.add_error("model_key", f"{error} Choose another.")
        return _case_page(request, case, form, status=422)
    except UnknownChatModelError:
        form.add_error("model_key", "This model is no longer offered. Choose another.")
        return _case_page(request, case, form, status=422)
    return redirect("session_detail", session.pk)


def case_or_404(slug: str) -> Case:
    try:
        return get_case(slug)
    except Case.DoesNotExist:
        raise Http404 from None


def _case_page(request: HttpRequest, case: Case, form: WatchForm, status: int = 200) -> HttpResponse:
    known = list_known_models()
    models = [model for model in known if not model.switched_off]
    # A model that answers, if there is one; a check that failed may be a minute old, so that it can still be chosen.
    default = next((model for model in models if not model.problem), models[0] if models else None)
    return render(
        request,
        "diagnosis/case_detail.html",
        {
            "section": "cases",
            "case": case,
            "form": form,
            "drive_form": KeyForm(),
            "drive_turns": settings.DIAGNOSIS["DRIVE_HORIZON"],
            "models": models,
            "switched_off": [model for model in known if model.switched_off],
            "chosen_model": form["model_key"].value() or (default.key if default else ""),
            "sessions": list_sessions(owner=request.user).filter(case__slug=case.slug),
        },
        status=status,
    )
