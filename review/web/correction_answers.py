"""How the page of a correction is answered: as it stands, a fragment of it, or what two windows differ in."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.template.loader import render_to_string
from django.utils.text import slugify
from django_htmx.http import HttpResponseClientRedirect

from diagnosis.models import GenerationJob
from diagnosis.selectors.sessions import get_queue_position
from diagnosis.web.access import wants_fragment
from diagnosis.web.context import number_pieces
from diagnosis.web.templatetags.clinical import place_in_line
from medaction.domain.actions import Turn
from review.models import Correction
from review.rules.diffing import diff_turns
from review.selectors.correction_page import CorrectionPage, get_correction_page
from review.web.correction_form import CorrectionForm, read_loosely, read_written, write_turn
from review.web.merging import Difference

PAGE = "review/correction.html"
# What two windows are compared in: what the page calls it, and the fields that belong to it.
GROUPS = {
    "reasoning": "Reasoning",
    "differential": "Differential",
    "action": "Orders or diagnosis",
    "reason": "Reason",
}
NOTHING = "–"


def answer_correction(
    request: HttpRequest,
    correction: Correction,
    *,
    form: CorrectionForm | None = None,
    faults: Mapping[str, str] | None = None,
    reason: str = "",
    status: int = 200,
) -> HttpResponse:
    """``form``: what was sent and not kept or not run, to be shown again; ``faults`` by field.

    204 for a page that asks again (``?seen=``) and shows already what there is.
    """
    page = get_correction_page(correction)
    context = {"section": "review", "page": page, "reason": reason, "faults": faults or {}, "part": "correction"}
    context |= _editing(page, form) if correction.state == Correction.State.DRAFT else _rerunning(page)
    if wants_fragment(request) and context.get("seen") == request.GET.get("seen", ""):
        return HttpResponse(status=204)
    part = "rerun" if page.rerun is not None and request.method == "GET" else "correction"
    template = f"{PAGE}#{part}" if wants_fragment(request) else PAGE
    return render(request, template, context, status=status)


def render_diff(correction: Correction) -> str:
    """What the draft changes, as the page shows it."""
    page = get_correction_page(correction)
    diff = diff_turns(page.original, read_loosely(correction.written, numbers_of(page)))
    return render_to_string("review/parts/correction_diff.html", {"diff": diff})


def answer_correction_merge(request: HttpRequest, correction: Correction) -> HttpResponse:
    """409: what is stored and what was sent, to choose from."""
    sent = {**read_written(request.POST), "reason": request.POST.get("reason", "")}
    stored = {**correction.written, "reason": correction.reason}
    differences = [
        Difference(f"pick-{group}", title, _describe(group, sent), _describe(group, stored), both=False)
        for group, title in GROUPS.items()
        if _describe(group, sent) != _describe(group, stored)
    ]
    context = {
        "section": "review",
        "address": resolve_url("review_correction", correction.pk),
        "revision": correction.revision,
        "differences": differences,
        "sent": sent.items(),
        "part": "merge",
    }
    template = f"{PAGE}#merge" if wants_fragment(request) else PAGE
    return render(request, template, context, status=409)


def merge_written(correction: Correction, post: Mapping[str, str]) -> dict[str, str]:
    """What was sent, with what was chosen of the stored one. The reason is among it."""
    sent = {**read_written(post), "reason": post.get("reason", "")}
    stored = {**correction.written, "reason": correction.reason}
    theirs = {group for group in GROUPS if post.get(f"pick-{group}") == "theirs"}
    return {name: stored.get(name, "") if _group_of(name) in theirs else value for name, value in sent.items()}


def go_to_correction(request: HttpRequest, correction: Correction) -> HttpResponse:
    if wants_fragment(request):
        return HttpResponseClientRedirect(resolve_url("review_correction", correction.pk))
    return redirect("review_correction", correction.pk)


def numbers_of(page: CorrectionPage) -> dict[str, int]:
    """The pieces of the case that the corrected turn may cite."""
    return number_pieces(page.blocks)


def _editing(page: CorrectionPage, form: CorrectionForm | None) -> dict[str, Any]:
    numbers = numbers_of(page)
    correction = page.correction
    if form is None:
        written = correction.written or write_turn(page.original, numbers)
        form = CorrectionForm(numbers=numbers, initial={**written, "reason": correction.reason})
    else:
        written = read_written(form.data)
    if page.last:
        form.initial["act"] = "diagnose"
    return {
        "numbers": numbers,
        "form": form,
        "diff": diff_turns(page.original, read_loosely(written, numbers)),
    }


def _rerunning(page: CorrectionPage) -> dict[str, Any]:
    rerun = page.rerun
    state_word = _state_word(rerun.live_job) if rerun and rerun.live_job else ""
    turn = page.correction.turn
    after = Turn.from_dict(turn) if turn else read_loosely(page.correction.written, numbers_of(page))
    return {
        "numbers": number_pieces(rerun.blocks if rerun else page.blocks),
        "diff": diff_turns(page.original, after),
        "job": rerun and (rerun.live_job or rerun.last_job),
        "state_word": state_word,
        "seen": rerun and slugify(f"{rerun.seen} {page.correction.state} {state_word}"),
    }


def _state_word(job: GenerationJob) -> str:
    if job.cancel_requested_at:
        return "Stopping"
    position = get_queue_position(job)
    return place_in_line(position) if position is not None else f"The model is writing turn {job.turn - 1}"


def _group_of(name: str) -> str:
    if name in ("reasoning", "reason"):
        return name
    return "action" if name in ("act", "orders", "diagnosis") else "differential"


def _describe(group: str, fields: Mapping[str, str]) -> str:
    if group in ("reasoning", "reason"):
        return fields.get(group, "") or NOTHING
    if group == "action":
        asks = "Diagnosis" if fields.get("act") == "diagnose" else "Orders"
        what = fields.get("diagnosis" if asks == "Diagnosis" else "orders", "")
        return f"{asks}: {', '.join(what.splitlines()) or NOTHING}"
    lines = []
    for rank in range(1, 6):
        cells = [fields.get(f"{cell}_{rank}", "") for cell in ("name", "percent", "supporting", "contradicting")]
        if any(cells):
            name, percent, supporting, contradicting = cells
            lines.append(f"{rank}. {name} {percent} % for: {supporting or NOTHING} against: {contradicting or NOTHING}")
    return "\n".join(lines) or NOTHING
