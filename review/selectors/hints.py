"""What a reviewer may see of the graph's judgement: of turns that they have labelled, as it was shown to them."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from medaction.metrics import METRIC_VERSION, BranchScore, Change, OrderLink, TurnScore
from review.models import GraphReading, HintShown, Reservation, Reviewer, ReviewItem
from review.rules import Labels, TurnLabel

MOST = 200


@dataclass(frozen=True, slots=True)
class TurnHint:
    """One turn by the graph. Shares are 0 to 1, None where the graph cannot judge: that is not 0.

    ``alignment`` (with ``nearest``, in words) reads the truth and is None until that is shown. ``notes`` are further
    sentences. ``before`` is the reviewer's label before the hint; ``changed``: it is another one now.
    """

    number: int
    orders: tuple[OrderLink, ...]
    changes: tuple[Change, ...]
    notes: tuple[str, ...]
    rac: float | None
    grounding: float | None
    coverage: float | None
    alignment: float | None
    nearest: str
    metric_version: str
    graph: str
    before: TurnLabel
    changed: bool


@dataclass(frozen=True, slots=True)
class Hints:
    """``whole`` is the branch's score, None until the truth is shown."""

    turns: dict[int, TurnHint]
    whole: BranchScore | None


def get_hints(*, reviewer: Reviewer | int, item: ReviewItem, labels: Labels, truth: bool) -> Hints:
    """One query. ``truth``: it has been shown to this reviewer."""
    shown = list(HintShown.objects.filter(reviewer=reviewer, item=item).select_related("reading"))
    scores = {hint.reading_id: BranchScore.from_dict(hint.reading.score) for hint in shown}
    turns = {}
    for hint in shown:
        score = scores[hint.reading_id]
        found = next((turn for turn in score.turns if turn.number == hint.turn_number), None)
        if found is not None:
            turns[hint.turn_number] = _hint(found, hint, labels, truth=truth)
    return Hints(turns, scores[shown[-1].reading_id] if truth and shown else None)


def list_unread_items() -> list[ReviewItem]:
    """Items that somebody has before them and of which the metrics have said nothing yet, the longest held first."""
    read = GraphReading.objects.filter(item=OuterRef("item"), metric_version=METRIC_VERSION)
    held = Reservation.objects.filter(~Exists(read)).order_by("reserved_at").values_list("item", flat=True)[:MOST]
    return list(ReviewItem.objects.filter(pk__in=list(held)).select_related("trajectory"))


def _hint(turn: TurnScore, shown: HintShown, labels: Labels, *, truth: bool) -> TurnHint:
    before = TurnLabel.model_validate(shown.label)
    now = labels.of(turn.number)
    told = {change.reason for change in turn.changes} | {order.reason for order in turn.orders}
    return TurnHint(
        number=turn.number,
        orders=turn.orders,
        changes=turn.changes,
        notes=tuple(reason for reason in turn.reasons if reason not in told),
        rac=turn.rac,
        grounding=turn.grounding,
        coverage=turn.coverage,
        alignment=turn.alignment if truth else None,
        nearest=turn.nearest if truth else "",
        metric_version=shown.reading.metric_version,
        graph=shown.reading.graph_hash[:12],
        before=before,
        # That it was said late is no change of what was said.
        changed=before.model_copy(update={"hindsight": now.hindsight}) != now,
    )
