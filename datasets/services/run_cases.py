"""The cases of a run as the database has them."""

from collections.abc import Iterable, Mapping

from datasets.services.errors import RunRefused
from diagnosis.models import Case
from diagnosis.services.importing import build_case, find_faults, lock_cases, number_revisions
from medaction.domain.case import Case as DomainCase


def ensure_cases(*, cases: Mapping[str, DomainCase]) -> dict[str, int]:
    """The id of each case's revision with exactly this content, inside the caller's transaction.

    What is not here yet is added as a revision that is not current: a run brings no case into the list of those that
    are offered for walkthroughs. Raises :class:`RunRefused`.
    """
    lock_cases()
    wanted = {case_id: case.content_hash for case_id, case in cases.items()}
    known = _find(wanted)
    missing = [case for case_id, case in cases.items() if case_id not in known]
    for case in missing:
        if faults := find_faults(case):
            raise RunRefused(f"The case {case.id} cannot be stored: {' '.join(faults[0])}.")
    number = number_revisions(case.id for case in missing)
    added = [build_case(case, revision=number[case.id]) for case in missing]
    for case in added:
        case.is_current = False
    Case.objects.bulk_create(added, batch_size=500)
    return known | {case.slug: case.pk for case in added}


def _find(wanted: dict[str, str]) -> dict[str, int]:
    rows: Iterable[tuple[str, str, int]] = (
        Case.objects.filter(slug__in=list(wanted)).order_by("revision").values_list("slug", "content_hash", "pk")
    )
    return {slug: pk for slug, content_hash, pk in rows if wanted[slug] == content_hash}
