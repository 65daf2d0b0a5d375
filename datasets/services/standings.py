"""What people made of a benchmark's cases: asked for by a person, worked out by a worker."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from datasets.models import Benchmark, HumanStanding
from datasets.selectors.human_records import list_human_records
from datasets.services.working import State, claim_work, end_work, put_before_workers, release_work
from medaction.bench import build_report, describe_run
from medaction.knowledge import KnowledgeGraph


def ask_standing(*, benchmark: Benchmark, owner: Any) -> HumanStanding:
    """A standing that waits for a worker. While one waits or is worked out, that one."""
    with transaction.atomic():
        Benchmark.objects.select_for_update(no_key=True).only("pk").get(pk=benchmark.pk)
        standing, _ = HumanStanding.objects.get_or_create(benchmark=benchmark, defaults={"owner": owner})
        ended = HumanStanding.objects.filter(pk=standing.pk).exclude(state__in=(State.QUEUED, State.RUNNING))
        ended.update(state=State.QUEUED, finished_at=None, error_message="", tries=0, owner=owner)
        put_before_workers(HumanStanding, [standing.pk])
        standing.refresh_from_db()
        return standing


def claim_standing(*, standing_id: str, worker: str) -> HumanStanding | None:
    """None when it does not wait."""
    with transaction.atomic():
        return claim_work(model=HumanStanding, work_id=standing_id, worker=worker)


def write_standing(standing: HumanStanding, graph: KnowledgeGraph, go_on: Callable[[], None]) -> bool:
    """RUNNING → SUCCEEDED, with the report of whatever counts. False: another attempt holds it."""
    found = list_human_records(graph=graph, benchmark=standing.benchmark)
    go_on()
    records = found.pool()
    values: dict[str, Any] = {"records": [], "report": {}, "reader_count": 0, "left_out": found.left_out}
    if records:
        about = {**describe_run(graph, found.settings), "human": True, "samples": len(found.by_reader)}
        report = build_report(records, {**about, "policy": f"People ({len(found.by_reader)})"})
        values["report"] = {key: value for key, value in report.items() if key != "cases"}
        values["records"] = [{key: value for key, value in record.items() if key != "branch"} for record in records]
        values["reader_count"] = len(found.by_reader)
    go_on()
    with transaction.atomic():
        return end_work(work=standing, state=State.SUCCEEDED, reported_at=Now(), **values)


def fail_standing(standing: HumanStanding, message: str) -> bool:
    with transaction.atomic():
        return end_work(work=standing, state=State.FAILED, error=message)


def release_standing(standing: HumanStanding) -> None:
    with transaction.atomic():
        release_work(work=standing)
