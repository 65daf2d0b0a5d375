"""How far reviewers agree, worked out and kept with its date."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from review.dispatch import dispatch_report
from review.figures import METRIC, Table, TableReader, build_report
from review.models import AgreementReport, AuditEntry, RubricVersion
from review.rules import RubricContent
from review.selectors.judgements import count_causes, get_known, get_source, stream_gold, stream_judgements
from review.services.auditing import write_audit


def report_agreement() -> list[AgreementReport]:
    """Reports of all versions whose judgements have none yet."""
    return [report for version in RubricVersion.objects.all() if (report := write_report(version=version))]


def write_report(*, version: RubricVersion) -> AgreementReport | None:
    """None when nobody has judged by this version, or its judgements have their report already."""
    source = get_source(version)
    about = {"rubric_version": version, "metric": METRIC, "source": source}
    if not source or AgreementReport.objects.filter(**about).exists():
        return None
    content = version.read()
    first, second = _read_both(version, content)
    gold = TableReader(content)
    for judgement in stream_gold(version):
        gold.add(judgement)
    figures = build_report(first, second, gold.seal(), get_known(version), content)
    figures["causes"] = count_causes(version)
    try:
        with transaction.atomic():
            return AgreementReport.objects.create(**about, judgements=figures["judgements"], figures=figures)
    except IntegrityError:
        # Another worker was asked for the same and was faster.
        return None


def _read_both(version: RubricVersion, content: RubricContent) -> tuple[Table, Table]:
    first, second = TableReader(content), TableReader(content)
    for blind, informed in stream_judgements(version):
        first.add(blind)
        second.add(informed)
    return first.seal(), second.seal()


def ask_report(*, by: Any) -> None:
    """Have a worker look for versions without a report of their judgements. Twice is once."""
    with transaction.atomic():
        transaction.on_commit(dispatch_report)
        AuditEntry.objects.create(at=timezone.now(), by=by, verb="ask_agreement", subject="agreement", detail={})


def note_download(*, by: Any, report: AgreementReport, form: str) -> None:
    """Aliases leave the site: the audit log says who took them."""
    write_audit(by=by, verb="download_agreement", subject=report, form=form)
