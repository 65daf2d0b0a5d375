"""A file of cases, from the upload to the database. It is checked first; then, when a person says so, all of it comes
in or nothing does."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models.functions import Now

from datasets.models import CaseCheck, CaseImport
from datasets.services.announcing import announce_import
from datasets.services.errors import ImportNotReady, UploadRefused
from datasets.services.unpacking import unpack
from datasets.services.working import State, claim_work, end_work, put_before_workers
from diagnosis.models import Case
from diagnosis.services import ImportReport, import_cases
from medaction.formats.linting import LintIssue, is_sound, lint_case
from medaction.formats.readers import FORMATS, read_cases
from medaction.formats.rows import CaseRow, RowError, failed_row
from medaction.knowledge import KnowledgeGraph

Step = CaseImport.Step
MOST_FAULTS, MOST_SAMPLES = 200, 20
EXCERPT = 240


def upload_cases(
    *,
    owner: Any,
    file: UploadedFile,
    format: str = "auto",  # noqa: A002 - the word users know
    licence: str = "",
) -> CaseImport:
    """Keep the file and ask for its check. Raises :class:`UploadRefused`."""
    most = settings.DATASETS["UPLOAD_MAX_BYTES"]
    if not file.size:
        raise UploadRefused("The file is empty.")
    if file.size > most:
        raise UploadRefused(f"The file is larger than {most // (1 << 20):,} MB. Split it, or compress it.")
    if format not in FORMATS:
        raise UploadRefused("This format is not known.")
    digest = hashlib.sha256()
    for piece in file.chunks():
        digest.update(piece)
    file.seek(0)
    with transaction.atomic():
        upload = CaseImport(
            owner=owner,
            filename=(file.name or "cases")[-200:],
            size_bytes=file.size,
            sha256=digest.hexdigest(),
            format=format,
            licence=licence.strip(),
        )
        upload.file.save(str(upload.pk), file, save=False)
        upload.save()
        put_before_workers(CaseImport, [upload.pk])
    return upload


def confirm_import(*, upload: CaseImport) -> CaseImport:
    """Import what was checked. Asked twice, it is done once. Raises :class:`ImportNotReady`."""
    with transaction.atomic():
        upload = CaseImport.objects.select_for_update().get(pk=upload.pk)
        if upload.step == Step.IMPORT:
            return upload
        if upload.state != State.SUCCEEDED:
            raise ImportNotReady("The file is still being checked, or could not be.")
        if upload.report["fault_count"]:
            raise ImportNotReady("Some rows have faults. Correct them and upload the file again; nothing was imported.")
        upload.step, upload.state, upload.finished_at, upload.tries = Step.IMPORT, State.QUEUED, None, 0
        upload.save(update_fields=["step", "state", "finished_at", "tries"])
        put_before_workers(CaseImport, [upload.pk])
        announce_import(upload)
    return upload


def claim_import(*, import_id: str, worker: str) -> CaseImport | None:
    with transaction.atomic():
        upload = claim_work(model=CaseImport, work_id=import_id, worker=worker)
        if upload is not None:
            announce_import(upload)
        return upload


def take_cases(*, upload: CaseImport, graph: KnowledgeGraph, go_on: Callable[[], None]) -> bool:
    """Read and check the whole file; at the step IMPORT, write the cases. False when another attempt holds it.

    ``go_on`` is called between cases and may raise, which leaves everything as it was. Raises :class:`UploadRefused`.
    """
    seen = _Seen()
    with upload.file.open("rb") as file, unpack(file, upload.filename) as files, transaction.atomic():
        rows = _read(upload, files, seen, graph, go_on)
        report = import_cases(rows=rows, dry_run=upload.step == Step.CHECK)
        written = upload.step == Step.IMPORT and not report.errors
        if written:
            _keep_checks(seen, graph)
        state = State.FAILED if upload.step == Step.IMPORT and report.errors else State.SUCCEEDED
        error = "Since the check, something has changed: some rows have faults now. Nothing was imported."
        values = {"report": _tell(report, seen, len(files)), "error": error if state == State.FAILED else ""}
        announce_import(upload)
        if not end_work(work=upload, state=state, **values):
            transaction.set_rollback(True)
            return False
        return True


def fail_import(*, upload: CaseImport, message: str) -> bool:
    with transaction.atomic():
        announce_import(upload)
        return end_work(work=upload, state=State.FAILED, error=message)


@dataclass
class _Seen:
    """What the check noted of the cases on their way through."""

    issues: dict[str, tuple[LintIssue, ...]] = field(default_factory=dict)
    samples: list[dict[str, Any]] = field(default_factory=list)
    licences: Counter[str] = field(default_factory=Counter)
    specialties: Counter[str] = field(default_factory=Counter)


def _read(
    upload: CaseImport, files: list[tuple[str, Any]], seen: _Seen, graph: KnowledgeGraph, go_on: Callable[[], None]
) -> Iterator[CaseRow]:
    most = settings.DATASETS["IMPORT_MAX_CASES"]
    count = 0
    for name, path in files:
        for row in read_cases(path, upload.format):
            go_on()
            count += 1
            if count > most:
                yield failed_row(row.line, f"more than {most:,} cases; split the file", file=name)
                return
            yield _note(replace(row, file=row.file or name), upload.licence, seen, graph)


def _note(row: CaseRow, licence: str, seen: _Seen, graph: KnowledgeGraph) -> CaseRow:
    if row.case is None:
        return row
    case = row.case if row.case.licence else replace(row.case, licence=licence)
    if not case.licence:
        error = RowError(row.line, "licence", "is missing; name it in the file, or for all of it in the form")
        return replace(row, errors=(*row.errors, error))
    issues = seen.issues[case.id] = lint_case(case, graph)
    seen.licences[case.licence] += 1
    seen.specialties[case.specialty] += 1
    if len(seen.samples) < MOST_SAMPLES:
        seen.samples.append(
            {
                "id": case.id,
                "title": case.title,
                "presentation": case.o1[:EXCERPT],
                "tests": len(case.menu),
                "diagnosis": case.diagnosis.text,
                "licence": case.licence,
                "badges": list(dict.fromkeys(issue.badge for issue in issues)),
            }
        )
    return replace(row, case=case)


def _tell(report: ImportReport, seen: _Seen, files: int) -> dict[str, Any]:
    badges = Counter(badge for issues in seen.issues.values() for badge in {issue.badge for issue in issues})
    return {
        "files": files,
        "cases": len(seen.issues),
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "sound": sum(is_sound(issues) for issues in seen.issues.values()),
        "badges": dict(badges.most_common()),
        "licences": dict(seen.licences.most_common()),
        "specialties": dict(seen.specialties.most_common()),
        "samples": seen.samples,
        "fault_count": len(report.errors),
        "faults": [asdict(fault) for fault in report.errors[:MOST_FAULTS]],
    }


def _keep_checks(seen: _Seen, graph: KnowledgeGraph) -> None:
    cases = Case.objects.filter(slug__in=list(seen.issues), is_current=True).values_list("slug", "pk")
    CaseCheck.objects.bulk_create(
        (
            CaseCheck(
                case_id=pk,
                graph_hash=graph.hash,
                sound=is_sound(seen.issues[slug]),
                issues=[issue.to_dict() for issue in seen.issues[slug]],
                checked_at=Now(),
            )
            for slug, pk in cases
        ),
        update_conflicts=True,
        unique_fields=["case"],
        update_fields=["graph_hash", "sound", "issues", "checked_at"],
        batch_size=500,
    )
