"""A pair as a reviewer sees it, and what they have done. Who took the turns is not in it: no page can show it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from diagnosis.models import Case
from diagnosis.selectors.shapes import Block, BoardRow, Evidence, ResultsBlock, TurnBlock
from diagnosis.selectors.walkthrough import get_blocks
from review.models import Pair, PairDraft, PairReservation, Preference, Reviewer
from review.models.pair import Side
from review.rules import PairAnswer, RubricContent
from review.selectors.pair_queue import list_free_pairs
from review.selectors.progress import MOST_COUNTED
from review.selectors.queue import places_of
from review.selectors.ways import list_ways
from review.selectors.workspace import Truth, hide_model, tell_truth


@dataclass(frozen=True, slots=True)
class Comparison:
    """``prefix`` is what both have in common; ``left`` and ``right`` (A and B) are how they go on, with ids of their
    own. ``truth`` is None until the reviewer has answered and asked for it. ``before``: the pair they answered last.
    """

    pair: Pair
    case: Case
    content: RubricContent
    draft: PairDraft
    answer: PairAnswer
    reservation: PairReservation | None
    preference: Preference | None
    prefix: tuple[Block, ...]
    left: tuple[Block, ...]
    right: tuple[Block, ...]
    truth: Truth | None
    before: UUID | None


@dataclass(frozen=True, slots=True)
class PairProgress:
    """``waiting`` counts free pairs up to 100, ``more``: there are more."""

    done: int
    today: int
    seconds: float
    waiting: int
    more: bool
    reservation: PairReservation | None

    @property
    def seconds_each(self) -> float | None:
        return self.seconds / self.done if self.done else None


def get_pair_draft(*, user: Any, pair_id: UUID) -> PairDraft:
    """This person's own. Raises ``PairDraft.DoesNotExist``."""
    drafts = PairDraft.objects.select_related("pair__rubric_version", "pair__case", "reviewer__user")
    return drafts.defer("pair__case__search").get(reviewer__user=user, pair=pair_id)


def get_comparison(draft: PairDraft, answer: PairAnswer | None = None) -> Comparison:
    """Four queries. ``answer``: instead of the stored one, what was sent and could not be kept."""
    pair = draft.pair
    (ways,) = list_ways([pair])
    prefix = hide_model(get_blocks(ways.prefix))
    sides = [_go_on(nodes, prefix) for nodes in (ways.first, ways.second)]
    left, right = sides if draft.left == Side.FIRST else reversed(sides)
    mine = Preference.objects.filter(reviewer=draft.reviewer, superseded_by__isnull=True).select_related("supersedes")
    preference = mine.filter(pair=pair).first()
    return Comparison(
        pair=pair,
        case=pair.case,
        content=pair.rubric_version.read(),
        draft=draft,
        answer=answer or PairAnswer.model_validate(draft.answer),
        reservation=PairReservation.objects.filter(pair=pair, reviewer=draft.reviewer).first(),
        preference=preference,
        prefix=prefix,
        left=_under(left, "a"),
        right=_under(right, "b"),
        truth=tell_truth(pair.case) if preference is not None and preference.truth_shown_at else None,
        before=mine.exclude(pair=pair).order_by("-created_at").values_list("pair", flat=True).first(),
    )


def get_pair_progress(reviewer: Reviewer) -> PairProgress:
    """Three queries."""
    done = Preference.objects.filter(reviewer=reviewer, revision=1).aggregate(
        n=Count("pk"), seconds=Sum("seconds"), today=Count("pk", filter=Q(created_at__date=timezone.localdate()))
    )
    free = list_free_pairs(reviewer).filter(specialty__in=places_of(reviewer))
    in_training = reviewer.state == Reviewer.State.TRAINING
    waiting = 0 if in_training else len(free.values_list("pk", flat=True)[: MOST_COUNTED + 1])
    return PairProgress(
        done=done["n"],
        today=done["today"],
        seconds=done["seconds"] or 0.0,
        waiting=min(waiting, MOST_COUNTED),
        more=waiting > MOST_COUNTED,
        reservation=PairReservation.objects.filter(reviewer=reviewer).first(),
    )


def list_own_preferences(user: Any) -> QuerySet[Preference]:
    """What this person answered, newest first, each in its latest revision."""
    latest = Preference.objects.filter(reviewer__user=user, superseded_by__isnull=True)
    hidden = ("pair__case__payload", "pair__case__search")
    return latest.select_related("pair__case").defer(*hidden).order_by("-created_at")


def _go_on(nodes: Sequence[Any], prefix: Sequence[Block]) -> tuple[Block, ...]:
    """What comes after the prefix, without what we say of it ourselves."""
    blocks = hide_model(get_blocks(nodes))[len(prefix) :]
    return tuple(
        replace(block, differential=tuple(replace(row, unsupported=False) for row in block.differential))
        if isinstance(block, TurnBlock)
        else block
        for block in blocks
    )


def _under(blocks: Iterable[Block], letter: str) -> tuple[Block, ...]:
    """With ids that the other side does not have too: both count turns and results from the same number."""
    blocks = tuple(blocks)
    own = {result.id for block in blocks if isinstance(block, ResultsBlock) for result in block.results}

    def cited(evidence: Evidence) -> Evidence:
        return replace(evidence, id=f"{letter}-{evidence.id}") if evidence.id in own else evidence

    def believed(row: BoardRow) -> BoardRow:
        sides = {"supporting": row.supporting, "contradicting": row.contradicting}
        return replace(row, **{name: tuple(map(cited, each)) for name, each in sides.items()})

    renamed: list[Block] = []
    for block in blocks:
        name = f"{letter}-{block.id}"
        if isinstance(block, TurnBlock):
            renamed.append(replace(block, id=name, differential=tuple(map(believed, block.differential))))
        elif isinstance(block, ResultsBlock):
            results = tuple(replace(result, id=f"{letter}-{result.id}") for result in block.results)
            renamed.append(replace(block, id=name, results=results))
    return tuple(renamed)
