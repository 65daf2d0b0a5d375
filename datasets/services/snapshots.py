"""Taking a snapshot: what reviewers have said up to now, under names that lead to nobody."""

import secrets
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from datasets.models import ReviewSnapshot
from datasets.selectors.judged import (
    JudgedRubric,
    count_set_aside,
    list_adjudicated,
    list_blind,
    list_compared,
    list_corrected,
    list_judged_rubrics,
    list_judgements,
)
from datasets.services.errors import VersionRefused
from medaction.corpus.reviewed import make_pseudonym
from review.models import Annotation, Preference, Reviewer, ReviewItem, RubricVersion
from review.models.annotation import Pass
from review.rules import Labels, compare_labels
from review.services.auditing import write_audit

NOBODY = (
    "Nobody has handed in a judgement yet, accepted a correction or compared a pair. What is half done counts only "
    "when it is handed in."
)
ALL_RETIRED = "Every item that was judged is retired, so nothing of it counts."


def take_snapshot(
    *, owner: Any, nature: str, rubric_version: RubricVersion | None = None, aliases: bool = False
) -> ReviewSnapshot:
    """Everything that was judged by one version of a rubric: this one, or the only one there is.

    ``nature``: a :class:`ReviewSnapshot.Nature`. ``aliases``: raters under their alias; else under pseudonyms whose
    salt is kept nowhere, so that no two snapshots can be joined by them. Raises :class:`VersionRefused`.
    """
    if nature not in ReviewSnapshot.Nature.values:
        raise VersionRefused("Say whose judgements these are: of clinicians who judged as such, or of a trial.")
    with transaction.atomic():
        chosen = _choose_rubric(rubric_version)
        # Ids and who they are by in one query each: somebody may hand in between two.
        judged = _hold(list_judgements().filter(item__rubric_version=chosen))
        decided = _hold(list_adjudicated().filter(item__rubric_version=chosen), "annotation__reviewer")
        corrected = _hold(list_corrected().filter(item__rubric_version=chosen))
        compared = _hold(list_compared().filter(pair__rubric_version=chosen))
        names = _name_raters({*judged.values(), *decided.values(), *corrected.values(), *compared.values()}, aliases)
        snapshot = ReviewSnapshot.objects.create(
            rubric_version=chosen,
            nature=nature,
            aliases=aliases,
            held={
                "annotations": list(judged),
                "adjudications": list(decided),
                "corrections": [str(pk) for pk in corrected],
                "preferences": list(compared),
                "blind_preferences": _find_blind(list(compared)),
            },
            raters=names,
            gold=_score_gold(chosen, names),
            left_out={reason: count for reason, count in count_set_aside().items() if count},
            owner=owner,
        )
        counts = {name: len(ids) for name, ids in snapshot.held.items()}
        write_audit(by=owner, verb="take_snapshot", subject=snapshot, nature=nature, aliases=aliases, **counts)
    return snapshot


def _choose_rubric(asked: RubricVersion | None) -> RubricVersion:
    judged = list_judged_rubrics()
    if not judged:
        raise VersionRefused(ALL_RETIRED if count_set_aside()["of retired items"] else NOBODY)
    if asked is None:
        if len(judged) > 1:
            raise VersionRefused(
                f"Judgements were made by {len(judged)} versions of rubrics ({_tell(judged)}). They ask different "
                "questions, so a dataset version is made of one: choose it."
            )
        return judged[0].version
    if asked.pk not in {each.version.pk for each in judged}:
        raise VersionRefused(f"Nothing was judged by {asked}. There is: {_tell(judged)}.")
    return asked


def _tell(judged: Iterable[JudgedRubric]) -> str:
    return "; ".join(str(each) for each in judged)


def _hold(rows: QuerySet[Any], reviewer: str = "reviewer") -> dict[Any, int]:
    """Reviewers by id of what they said, in the order of the ids."""
    return dict(rows.order_by("pk").values_list("pk", reviewer))


def _name_raters(wanted: set[int], aliases: bool) -> dict[str, str]:
    known = Reviewer.objects.filter(pk__in=wanted).order_by("pk").values_list("pk", "alias")
    salt = secrets.token_bytes(32)
    return {str(pk): alias if aliases else make_pseudonym(salt, str(pk)) for pk, alias in known}


def _find_blind(compared: list[int]) -> list[int]:
    """Of each, the last revision that was given before the truth was shown."""
    latest: dict[tuple[Any, int], int] = {}
    wanted = set(Preference.objects.filter(pk__in=compared).values_list("pair", "reviewer"))
    revisions = Preference.objects.filter(pair__in={pair for pair, _ in wanted}).order_by("revision")
    for preference in revisions.iterator(2000):
        key = (preference.pair_id, preference.reviewer_id)
        if key in wanted and not preference.hindsight:
            latest[key] = preference.pk
    return sorted(latest.values())


def _score_gold(rubric_version: RubricVersion, names: dict[str, str]) -> dict[str, dict[str, int]]:
    """Blind answers to gold items of this rubric, by those whose judgements are taken."""
    handed_in = Annotation.objects.filter(
        stage=Pass.SECOND,
        superseded_by__isnull=True,
        item__kind=ReviewItem.Kind.GOLD,
        item__rubric_version=rubric_version,
        reviewer__in=[int(pk) for pk in names],
    ).exclude(item__state=ReviewItem.State.RETIRED)
    found: dict[str, dict[str, int]] = {}
    for annotation in list_blind(handed_in).select_related("item").iterator(500):
        agreement = compare_labels(
            Labels.model_validate(annotation.labels), Labels.model_validate(annotation.item.reference)
        )
        told = found.setdefault(names[str(annotation.reviewer_id)], {"same": 0, "count": 0})
        told["same"] += agreement.same
        told["count"] += agreement.count
    return dict(sorted(found.items()))
