"""What reviewers preferred, with the words that they compared: for training data and for the ranking."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from diagnosis.models import Case, TrajectoryNode
from diagnosis.selectors.branch import OBSERVATION
from medaction.domain.case import Case as DomainCase
from medaction.domain.environment import EnvironmentSettings, list_menu
from medaction.domain.observation import Observation
from medaction.domain.prompt import LAST_TURN, Message, render_messages, render_observation
from review.models import Pair, Preference
from review.models.pair import Side
from review.selectors.ways import Nodes, Ways, list_ways, turns_of

AT_A_TIME = 50


@dataclass(frozen=True, slots=True)
class ComparedSide:
    """One way to go on. ``messages``: every turn after the prefix and what the case answered, ending with a turn.

    ``sampled``: a model wrote all of its turns. ``chars`` and ``turns`` are of those turns.
    """

    trajectory_id: UUID
    leaf_seq: int
    policy: str
    messages: tuple[Message, ...]
    chars: int
    turns: int
    sampled: bool

    @property
    def text(self) -> str:
        """Of the first turn that differs: what answers the prefix."""
        return self.messages[0]["content"]


@dataclass(frozen=True, slots=True)
class PreferenceRow:
    """One reviewer's latest word on one pair.

    ``messages``: what both ways were asked, ending with the case's answer. ``choice`` is FIRST, SECOND, TIE or
    BOTH_BAD, of ``first`` and ``second``; ``left`` the side that the reviewer saw on the left. ``hindsight``: the truth
    had been shown before. ``reviewer`` is an alias.
    """

    id: int
    revision: int
    pair_id: UUID
    scope: str
    case: Case
    messages: tuple[Message, ...]
    first: ComparedSide
    second: ComparedSide
    choice: str
    left: str
    reasons: tuple[str, ...]
    comment: str
    confidence: int | None
    seconds: float
    hindsight: bool
    drawn: str
    reviewer: str
    rubric_version_id: int
    created_at: datetime

    @property
    def chosen(self) -> ComparedSide | None:
        """None where neither was preferred."""
        return {Side.FIRST: self.first, Side.SECOND: self.second}.get(self.choice)

    @property
    def rejected(self) -> ComparedSide | None:
        return {Side.FIRST: self.second, Side.SECOND: self.first}.get(self.choice)


def list_authoritative_preferences() -> QuerySet[Preference]:
    """The latest of each pair and reviewer, of pairs that were not retired; oldest first."""
    latest = Preference.objects.filter(superseded_by__isnull=True).exclude(pair__state=Pair.State.RETIRED)
    return latest.order_by("created_at", "pk")


def list_preferences(preferences: QuerySet[Preference] | None = None) -> Iterator[PreferenceRow]:
    """These, else all that are authoritative, with their words. Two queries for each fifty."""
    chosen = list_authoritative_preferences() if preferences is None else preferences
    related = chosen.select_related("reviewer", "pair__case", "pair__first_trajectory").defer("pair__case__search")
    ids = list(related.values_list("pk", flat=True))
    for start in range(0, len(ids), AT_A_TIME):
        some = ids[start : start + AT_A_TIME]
        found = {each.pk: each for each in related.filter(pk__in=some)}
        rows = [found[pk] for pk in some]
        ways = {each.pair.pk: each for each in list_ways({row.pair_id: row.pair for row in rows}.values())}
        for row in rows:
            yield _row(row, ways[row.pair_id])


def _row(preference: Preference, ways: Ways) -> PreferenceRow:
    pair, case = ways.pair, ways.pair.case
    settings = EnvironmentSettings(**pair.first_trajectory.settings["environment"])
    menu = list_menu(DomainCase.from_dict(case.payload), settings)
    first, second = (_dialogue(nodes, settings, menu) for nodes in (ways.first, ways.second))
    asked = len(_dialogue(ways.prefix, settings, menu))
    return PreferenceRow(
        id=preference.pk,
        revision=preference.revision,
        pair_id=pair.pk,
        scope=pair.scope,
        case=case,
        messages=tuple(first[:asked]),
        first=_side(pair, Side.FIRST, first[asked:], ways.first[pair.shared :]),
        second=_side(pair, Side.SECOND, second[asked:], ways.second[pair.shared :]),
        choice=preference.choice,
        left=preference.left,
        reasons=tuple(preference.reasons),
        comment=preference.comment,
        confidence=preference.confidence,
        seconds=preference.seconds,
        hindsight=preference.hindsight,
        drawn=preference.drawn,
        reviewer=preference.reviewer.alias,
        rubric_version_id=pair.rubric_version_id,
        created_at=preference.created_at,
    )


def _side(pair: Pair, side: Side, messages: list[Message], rest: Nodes) -> ComparedSide:
    name = side.lower()
    # What the case answered to the last turn was not said by anybody.
    said = messages[:-1] if messages[-1]["role"] == "user" else messages
    return ComparedSide(
        trajectory_id=getattr(pair, f"{name}_trajectory_id"),
        leaf_seq=getattr(pair, f"{name}_leaf"),
        policy=getattr(pair, f"{name}_policy"),
        messages=tuple(said),
        chars=getattr(pair, f"{name}_chars"),
        turns=getattr(pair, f"{name}_turns"),
        sampled=all(turn.sampled for turn in turns_of(rest)),
    )


def _dialogue(nodes: Nodes, settings: EnvironmentSettings, menu: tuple[str, ...] | None) -> list[Message]:
    """As the model was asked: each message the same bytes as when it was sent."""
    opening, *rest = nodes
    messages = render_messages(_observation(opening), (), must_diagnose=settings.horizon == 1, menu=menu)
    taken = 0
    for node in rest:
        if node.kind == OBSERVATION:
            last = f"\n{LAST_TURN}" if taken + 1 == settings.horizon else ""
            messages.append({"role": "user", "content": render_observation(_observation(node)) + last})
        else:
            taken += 1
            messages.append({"role": "assistant", "content": node.content["text"]})
    return messages


def _observation(node: TrajectoryNode) -> Observation:
    return Observation.from_dict(node.content)
