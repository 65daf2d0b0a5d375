"""Where reviewers disagree, and what each of them said, for those who decide between them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from string import ascii_uppercase
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, F, OuterRef, QuerySet

from diagnosis.models import Case
from diagnosis.selectors.branch import get_branch
from diagnosis.selectors.shapes import Block, TurnBlock
from diagnosis.selectors.walkthrough import get_blocks
from review.models import Adjudication, Annotation, ReviewItem
from review.models.annotation import Pass
from review.rules import Labels, RubricContent, TurnLabel
from review.selectors.workspace import Truth, hide_model, tell_truth

LEAST_JUDGEMENTS = 2
HIDDEN = ("trajectory__case__payload", "trajectory__case__search", "trajectory__settings", "reference")


@dataclass(frozen=True, slots=True)
class Judge:
    """One reviewer of an item, as an adjudicator sees them: a letter that says nothing of who it is."""

    letter: str
    annotation: Annotation
    labels: Labels


@dataclass(frozen=True, slots=True)
class Said:
    letter: str
    turn: TurnLabel


@dataclass(frozen=True, slots=True)
class Compared:
    """What all said of one turn. ``differs``: ``label``, ``details`` (one label, otherwise explained) or nothing."""

    number: int
    block: Block
    said: tuple[Said, ...]
    differs: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An item with its judgements side by side. ``decided`` is the adjudication that counts, ``chosen`` the letter that
    it chose, "" where the adjudicator wrote their own. ``stamp`` changes with every judgement and decision.
    """

    item: ReviewItem
    case: Case
    content: RubricContent
    truth: Truth
    blocks: tuple[Block, ...]
    judges: tuple[Judge, ...]
    turns: tuple[Compared, ...]
    decided: Adjudication | None
    chosen: str
    stamp: str

    @property
    def wholes_differ(self) -> bool:
        return len({tuple(sorted(judge.labels.trajectory.answers.items())) for judge in self.judges}) > 1


def list_disagreements(user: Any) -> QuerySet[ReviewItem]:
    """What waits to be adjudicated by this person, lowest agreement first, what cannot be compared last."""
    open_ones = _adjudicable(user).filter(adjudications__isnull=True)
    return _titled(open_ones).order_by(F("agreement").asc(nulls_last=True), "draw")


def list_decided(user: Any) -> QuerySet[Adjudication]:
    """What was adjudicated of the items that this person may decide, newest first."""
    hidden = [f"item__{name}" for name in HIDDEN]
    decided = Adjudication.objects.filter(superseded_by__isnull=True, item__in=_adjudicable(user).values("pk"))
    titled = decided.select_related("item").annotate(case_title=F("item__trajectory__case__title"))
    return titled.defer(*[name for name in hidden if "trajectory" not in name]).order_by("-created_at")


def get_disagreement(*, user: Any, item_id: UUID) -> Disagreement:
    """Six queries. Raises ``ReviewItem.DoesNotExist`` for what this person may not adjudicate."""
    item = _adjudicable(user).select_related("rubric_version", "trajectory__case").get(pk=item_id)
    judges = list_judges(item)
    decided = Adjudication.objects.select_related("annotation").filter(item=item, superseded_by__isnull=True).first()
    blocks = hide_model(get_blocks(get_branch(trajectory_id=item.trajectory_id, leaf_seq=item.leaf_seq)))
    chosen = next((each.letter for each in judges if decided and each.annotation.pk == decided.annotation_id), "")
    return Disagreement(
        item=item,
        case=item.trajectory.case,
        content=item.rubric_version.read(),
        truth=tell_truth(item.trajectory.case),
        blocks=blocks,
        judges=judges,
        turns=_compare(blocks, judges),
        decided=decided,
        chosen=chosen,
        stamp=stamp_of(judges, decided),
    )


def list_judges(item: ReviewItem) -> tuple[Judge, ...]:
    """The latest judgement of each, lettered in an order that is random and stays the same for the item."""
    latest = Annotation.objects.filter(item=item, stage=Pass.SECOND, superseded_by__isnull=True)

    def place(annotation: Annotation) -> bytes:
        return sha256(f"{settings.REVIEW['SEED']}:{item.pk}:{annotation.reviewer_id}".encode()).digest()

    ordered = sorted(latest, key=place)
    return tuple(
        Judge(_letter(number), each, Labels.model_validate(each.labels)) for number, each in enumerate(ordered)
    )


def stamp_of(judges: Iterable[Judge], decided: Adjudication | None) -> str:
    """The same as long as nobody has judged or decided anew."""
    parts = [decided.pk if decided else 0, *sorted(judge.annotation.pk for judge in judges)]
    return sha256(":".join(map(str, parts)).encode()).hexdigest()[:16]


def _adjudicable(user: Any) -> QuerySet[ReviewItem]:
    mine = Annotation.objects.filter(item=OuterRef("pk"), reviewer__user=user).exclude(stage=Pass.THIRD)
    done = ReviewItem.objects.filter(
        kind=ReviewItem.Kind.REAL, state=ReviewItem.State.DONE, done_count__gte=LEAST_JUDGEMENTS
    )
    return done.filter(~Exists(mine))


def _titled(items: QuerySet[ReviewItem]) -> QuerySet[ReviewItem]:
    related = items.select_related("rubric_version__rubric", "trajectory__case")
    return related.defer(*HIDDEN, "rubric_version__content").annotate(case_title=F("trajectory__case__title"))


def _letter(number: int) -> str:
    return ascii_uppercase[number] if number < len(ascii_uppercase) else f"A{number}"


def _compare(blocks: Sequence[Block], judges: Sequence[Judge]) -> tuple[Compared, ...]:
    found = []
    for block in blocks:
        if isinstance(block, TurnBlock):
            said = tuple(Said(judge.letter, judge.labels.of(block.number)) for judge in judges)
            found.append(Compared(block.number, block, said, _how_they_differ([each.turn for each in said])))
    return tuple(found)


def _how_they_differ(turns: Sequence[TurnLabel]) -> str:
    if len({turn.label for turn in turns}) > 1:
        return "label"
    details = {(turn.inherited, turn.errors, turn.harm, turn.confidence, turn.hard) for turn in turns}
    answers = {tuple(sorted(turn.answers.items())) for turn in turns}
    return "details" if len(details) > 1 or len(answers) > 1 else ""
