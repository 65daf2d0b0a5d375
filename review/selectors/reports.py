"""Reports of agreement that were worked out, and how far they are behind."""

from dataclasses import dataclass

from django.db.models import QuerySet

from review.figures import METRIC
from review.models import AgreementReport, RubricVersion
from review.selectors.guideline import list_versions
from review.selectors.judgements import get_source

MOST_EARLIER = 12


@dataclass(frozen=True, slots=True)
class Agreement:
    """``report`` None: none is worked out yet. ``behind``: there are judgements or decisions that it does not know.
    ``judged``: there is anything to report. ``earlier``: other reports of the version, newest first."""

    versions: tuple[RubricVersion, ...]
    version: RubricVersion
    report: AgreementReport | None
    judged: bool
    behind: bool
    earlier: tuple[AgreementReport, ...]


def get_agreement(*, version_id: int | None = None, report_id: int | None = None) -> Agreement | None:
    """The report of the judgements that there are, else the newest, or this one. None where there is no rubric.

    Without a version: that of new items.
    Raises ``RubricVersion.DoesNotExist``, ``AgreementReport.DoesNotExist``.
    """
    versions = list_versions()
    if not versions and version_id is None:
        return None
    version = next((each for each in versions if each.pk == version_id), None)
    if version_id is not None and version is None:
        raise RubricVersion.DoesNotExist
    version = version or next((each for each in versions if each == each.rubric.current), versions[0])
    reports = list_reports().filter(rubric_version=version)
    source = get_source(version)
    if report_id is not None:
        report = reports.get(pk=report_id)
    else:
        # Not always the newest: an item that is retired brings back the judgements of an older report.
        report = reports.filter(source=source, metric=METRIC).first() or reports.first()
    earlier = reports.exclude(pk=report.pk).defer("figures")[:MOST_EARLIER] if report else ()
    behind = bool(source) and (report is None or (report.source, report.metric) != (source, METRIC))
    return Agreement(tuple(versions), version, report, bool(source), behind, tuple(earlier))


def list_reports() -> QuerySet[AgreementReport]:
    """Newest first."""
    return AgreementReport.objects.select_related("rubric_version__rubric")
