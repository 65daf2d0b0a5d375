"""Rubrics and their versions. A version that somebody judged by never changes: what is different is another version."""

from typing import Any

from django.db import transaction
from django.db.models import Max

from review.models import Rubric, RubricVersion
from review.rules import RubricError, load_shipped, read_content
from review.rules.shipped import NAME, SLUG
from review.services.auditing import write_audit
from review.services.errors import RubricRefused


def ensure_rubric() -> RubricVersion:
    """The version that new items get; where there is no rubric yet, the shipped one's first version is made."""
    rubric = Rubric.objects.select_related("current__rubric").filter(current__isnull=False).order_by("pk").first()
    if rubric is not None:
        return rubric.current
    with transaction.atomic():
        rubric, _ = Rubric.objects.get_or_create(slug=SLUG, defaults={"name": NAME})
        rubric = Rubric.objects.select_for_update().get(pk=rubric.pk)
        if rubric.current is None:
            content = load_shipped().model_dump(mode="json")
            rubric.current, _ = rubric.versions.get_or_create(number=1, defaults={"content": content})
            rubric.save(update_fields=["current"])
            write_audit(by=None, verb="ensure_rubric", subject=rubric.current)
    return rubric.current


def create_version(*, rubric: Rubric, content: Any, note: str = "", by: Any = None) -> RubricVersion:
    """A draft under the next number. Raises :class:`RubricRefused` for what is no rubric."""
    checked = _check(content)
    with transaction.atomic():
        Rubric.objects.select_for_update().get(pk=rubric.pk)
        last = rubric.versions.aggregate(last=Max("number"))["last"] or 0
        version = rubric.versions.create(number=last + 1, content=checked, note=note, created_by=by)
        write_audit(by=by, verb="create_rubric_version", subject=version, number=version.number)
    return version


def write_version(*, version: RubricVersion, content: Any, note: str, by: Any = None) -> RubricVersion:
    """Change a draft. Raises :class:`RubricRefused` once it is locked, or for what is no rubric."""
    checked = _check(content)
    with transaction.atomic():
        version = RubricVersion.objects.select_for_update().get(pk=version.pk)
        if version.state == RubricVersion.State.LOCKED:
            raise RubricRefused("Somebody has judged by this version, so it is locked. Make a new version instead.")
        version.content, version.note = checked, note
        version.save(update_fields=["content", "note"])
        write_audit(by=by, verb="write_rubric_version", subject=version)
    return version


def use_version(*, version: RubricVersion, by: Any = None) -> None:
    """New items get this version; items that exist keep theirs."""
    with transaction.atomic():
        Rubric.objects.filter(pk=version.rubric_id).update(current=version)
        write_audit(by=by, verb="use_rubric_version", subject=version)


def _check(content: Any) -> dict[str, Any]:
    try:
        return read_content(content).model_dump(mode="json")
    except RubricError as fault:
        raise RubricRefused(str(fault)) from fault
