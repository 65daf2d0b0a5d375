"""Files of cases: checked first, then all of them come in or none; hostile files are refused."""

import gzip
import io
import zipfile
from dataclasses import replace

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from datasets.models import CaseCheck, CaseImport
from datasets.services import intake
from datasets.services.errors import ImportNotReady, UploadRefused
from datasets.tasks.lease import WorkerClosing
from diagnosis.models import Case
from medaction.formats.teaching import load_teaching_cases

pytestmark = pytest.mark.django_db


def lines(*cases) -> bytes:
    return b"".join(orjson.dumps(case.to_dict()) + b"\n" for case in cases)


@pytest.fixture
def shipped():
    return [replace(case, id=f"up-{number}") for number, case in enumerate(load_teaching_cases()[:3])]


@pytest.fixture
def send(manager, files_folder, nowhere, graph):
    """``send(content)``: upload, then check as a worker would."""

    def send_file(content: bytes, name: str = "cases.jsonl", **options) -> CaseImport:
        upload = intake.upload_cases(owner=manager, file=SimpleUploadedFile(name, content), **options)
        return work(upload, graph)

    return send_file


def work(upload: CaseImport, graph) -> CaseImport:
    claimed = intake.claim_import(import_id=upload.pk, worker="test")
    assert claimed is not None
    try:
        assert intake.take_cases(upload=claimed, graph=graph, go_on=lambda: None)
    except UploadRefused as refusal:
        intake.fail_import(upload=claimed, message=str(refusal))
    upload.refresh_from_db()
    return upload


def test_a_check_writes_nothing_and_an_import_everything(send, shipped, graph):
    upload = send(lines(*shipped))
    assert (upload.state, upload.step) == ("SUCCEEDED", "CHECK")
    assert (upload.report["cases"], upload.report["created"], upload.report["fault_count"]) == (3, 3, 0)
    assert upload.report["samples"][0]["title"] == shipped[0].title
    assert not Case.objects.exists()
    upload = work(intake.confirm_import(upload=upload), graph)
    assert (upload.state, upload.step) == ("SUCCEEDED", "IMPORT")
    assert set(Case.objects.values_list("slug", flat=True)) == {case.id for case in shipped}
    assert CaseCheck.objects.count() == 3
    assert CaseCheck.objects.filter(graph_hash=graph.hash).count() == 3
    again = send(lines(*shipped))
    assert again.report["unchanged"] == 3


def test_one_faulty_row_keeps_all_rows_out(send, shipped):
    upload = send(lines(*shipped) + b'{"id": "half"}\n')
    assert upload.report["fault_count"] > 0
    assert {fault["line"] for fault in upload.report["faults"]} == {4}
    with pytest.raises(ImportNotReady):
        intake.confirm_import(upload=upload)
    assert not Case.objects.exists()


def test_what_became_wrong_since_the_check_keeps_all_rows_out(send, shipped, graph):
    upload = intake.confirm_import(upload=send(lines(*shipped)))
    with upload.file.open("ab") as file:
        file.write(b"{\n")
    upload = work(upload, graph)
    assert upload.state == "FAILED"
    assert "Nothing was imported" in upload.error_message
    assert not Case.objects.exists()


def test_a_case_needs_a_licence(send, shipped):
    bare = [replace(case, licence="") for case in shipped]
    assert send(lines(*bare)).report["fault_count"] == 3
    upload = send(lines(*bare), licence="CC BY 4.0")
    assert (upload.report["fault_count"], upload.report["licences"]) == (0, {"CC BY 4.0": 3})


def test_confirming_twice_imports_once(send, shipped):
    upload = send(lines(*shipped))
    first, second = intake.confirm_import(upload=upload), intake.confirm_import(upload=upload)
    assert (first.step, second.step) == ("IMPORT", "IMPORT")
    assert intake.claim_import(import_id=upload.pk, worker="one") is not None
    assert intake.claim_import(import_id=upload.pk, worker="two") is None


def test_a_lost_attempt_writes_nothing(send, shipped, graph):
    upload = intake.confirm_import(upload=send(lines(*shipped)))
    slow = intake.claim_import(import_id=upload.pk, worker="slow")
    CaseImport.objects.update(state="QUEUED", lease_expires_at=None)
    assert intake.claim_import(import_id=upload.pk, worker="quick") is not None
    assert not intake.take_cases(upload=slow, graph=graph, go_on=lambda: None)
    assert not Case.objects.exists()


def test_a_worker_that_must_stop_leaves_no_trace(send, shipped, graph):
    upload = intake.confirm_import(upload=send(lines(*shipped)))
    claimed = intake.claim_import(import_id=upload.pk, worker="test")

    def stop():
        raise WorkerClosing

    with pytest.raises(WorkerClosing):
        intake.take_cases(upload=claimed, graph=graph, go_on=stop)
    assert not Case.objects.exists()


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_archives_are_read_file_by_file(send, shipped):
    archive = {
        "a/one.jsonl": lines(shipped[0]),
        "b.jsonl": lines(*shipped[1:]),
        "b.txt": b"notes",
        "__MACOSX/._b.jsonl": b"x",
    }
    upload = send(zipped(archive), "cases.zip")
    assert (upload.report["files"], upload.report["cases"], upload.report["fault_count"]) == (2, 3, 0)
    assert send(gzip.compress(lines(*shipped)), "cases.jsonl.gz").report["cases"] == 3


def test_a_repeated_case_is_told_with_its_file(send, shipped):
    upload = send(zipped({"one.jsonl": lines(shipped[0]), "two.jsonl": lines(shipped[0])}), "cases.zip")
    assert upload.report["faults"][0]["file"] == "two.jsonl"


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (zipped({"bomb.jsonl": b"0" * 3_000_000}), "bomb.zip", "unpacks to more"),
        (gzip.compress(b"0" * 3_000_000), "bomb.jsonl.gz", "unpacks to more"),
        (zipped({f"{number}.json": b"{}" for number in range(60)}), "many.zip", "more than 50 files"),
        (zipped({"inner.zip": zipped({"a.json": b"{}"})}), "nested.zip", "no file that could be read"),
        (zipped({"a.json": b"{}"})[:-40], "cut.zip", "damaged"),
        (gzip.compress(b"{}" * 999)[:-9], "cut.gz", "damaged"),
    ],
    ids=["zip bomb", "gzip bomb", "many files", "archive in an archive", "cut zip", "cut gzip"],
)
def test_hostile_archives_are_refused(send, settings, content, name, told):
    settings.DATASETS = {**settings.DATASETS, "UNPACKED_MAX_BYTES": 2_000_000, "ARCHIVE_MAX_FILES": 50}
    upload = send(content, name)
    assert upload.state == "FAILED"
    assert told in upload.error_message


def test_names_in_archives_reach_no_file_system(send, shipped, files_folder):
    upload = send(zipped({"../../escape.jsonl": lines(*shipped), "/abs.jsonl": b""}), "x.zip")
    assert upload.report["files"] == 2
    assert not list(files_folder.parent.rglob("*escape*"))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x89PNG\r\n\x1a\n\x00", b"no json\n", b"[", b"\x00" * 5000])
def test_whatever_the_file_is_the_check_says_so(send, content):
    upload = send(content, "what.jsonl")
    assert upload.state == "SUCCEEDED"
    assert upload.report["fault_count"] >= 1


@pytest.mark.parametrize("content", [b"", b"x" * 3_000_000], ids=["empty", "too large"])
def test_some_files_are_not_even_taken(send, settings, content):
    settings.DATASETS = {**settings.DATASETS, "UPLOAD_MAX_BYTES": 2_000_000}
    with pytest.raises(UploadRefused):
        send(content)
    assert not CaseImport.objects.exists()


def test_a_hostile_file_name_is_only_shown(send, shipped, files_folder):
    upload = send(lines(*shipped), "<img src=x onerror=alert(1)>.jsonl")
    assert upload.file.name == f"imports/{upload.pk}"
