"""Which two ways through a case are to be compared: two siblings of a tree, or two branches of the same case."""

import secrets
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction

from diagnosis.models import Trajectory, TrajectoryNode
from diagnosis.selectors.branch import get_branch
from medaction.domain.environment import EnvironmentSettings
from review.models import Pair, PairReservation, RubricVersion
from review.selectors.ways import count_shared, policy_of, turns_of
from review.services.auditing import write_audit
from review.services.errors import ItemRefused
from review.services.holding import draw_of, retire
from review.services.rubrics import ensure_rubric

End = tuple[Trajectory, int]
"""A branch: its trajectory, and the node that it ends at."""


def add_pair(
    *,
    first: End,
    second: End,
    reason: str,
    by: Any = None,
    required: int = 1,
    priority: int = 0,
    specialty: str = "",
    rubric_version: RubricVersion | None = None,
) -> Pair:
    """An open pair of these two branches; the one that is there, whichever way round it was added.

    What is compared begins where they first differ. Raises :class:`ItemRefused` for branches of different cases or
    settings, and for those that do not differ or of which one is a part of the other.
    """
    found = find_pair(first=first, second=second)
    if found is not None:
        return found
    ends = _in_order(first, second)
    one, other = ends[0][0], ends[1][0]
    if one.case_id != other.case_id:
        raise ItemRefused("These two are not of the same case, so they cannot be compared.")
    if _settings(one) != _settings(other):
        raise ItemRefused("These two had different rules (turns, menu), so which is better says nothing.")
    branches = [_read(*end) for end in ends]
    shared = count_shared(*branches)
    rest = [branch[shared:] for branch in branches]
    turns = [turns_of(nodes) for nodes in rest]
    texts = [[turn.content["text"] for turn in each] for each in turns]
    if all(texts) and texts[0] == texts[1]:
        raise ItemRefused("These two say the same, so there is nothing to compare.")
    if not shared or not all(texts) or texts[0][0] == texts[1][0]:
        raise ItemRefused("There is no place where both go on from the same: one is a part of the other.")
    pair = Pair(
        pk=uuid4(),
        **_key(*ends),
        case_id=one.case_id,
        scope=Pair.Scope.TURN if all(len(nodes) == 1 for nodes in rest) else Pair.Scope.BRANCH,
        shared=shared,
        first_policy=policy_of(turns[0])[:200],
        second_policy=policy_of(turns[1])[:200],
        first_chars=sum(map(len, texts[0])),
        second_chars=sum(map(len, texts[1])),
        first_turns=len(texts[0]),
        second_turns=len(texts[1]),
        rubric_version=rubric_version or ensure_rubric(),
        specialty=specialty,
        reason=reason,
        required=required,
        priority=priority,
        seed=secrets.randbits(63),
    )
    pair.draw = draw_of(pair.pk)
    try:
        with transaction.atomic():
            pair.save(force_insert=True)
            write_audit(by=by, verb="add_pair", subject=pair, reason=reason)
    except IntegrityError:
        # Somebody added the same at the same moment.
        found = find_pair(first=first, second=second)
        if found is None:
            raise
        return found
    return pair


def find_pair(*, first: End, second: End) -> Pair | None:
    """The pair of these two branches, whichever way round."""
    return Pair.objects.filter(**_key(*_in_order(first, second))).first()


def retire_pair(*, pair: Pair, reason: str, by: Any = None) -> None:
    """Not served any more, and taken from whoever has it; what they wrote stays. Raises :class:`ItemRefused`."""
    with transaction.atomic():
        retire(pair, PairReservation.objects.filter(pair=pair), reason=reason, by=by, word="pair")


def _in_order(first: End, second: End) -> list[End]:
    return sorted((first, second), key=lambda end: (end[0].pk.bytes, end[1]))


def _key(one: End, other: End) -> dict[str, Any]:
    return {
        "first_trajectory": one[0],
        "first_leaf": one[1],
        "second_trajectory": other[0],
        "second_leaf": other[1],
    }


def _read(trajectory: Trajectory, leaf: int) -> Sequence[TrajectoryNode]:
    try:
        return get_branch(trajectory_id=trajectory.pk, leaf_seq=leaf)
    except KeyError:
        raise ItemRefused(f"This trajectory has no node {leaf}.") from None


def _settings(trajectory: Trajectory) -> EnvironmentSettings:
    return EnvironmentSettings(**trajectory.settings["environment"])
