"""Starting tasks, by name and after commit. Nothing here imports a task: a web process never loads a worker's code."""

from uuid import UUID

import structlog
from django.conf import settings
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

from datasets.models import (
    BenchmarkChunk,
    CaseImport,
    DatasetVersion,
    Export,
    GraphUpdate,
    HumanStanding,
    RunChunk,
    Work,
)

log = structlog.get_logger(__name__)
GROW_CHUNK = "datasets.grow_chunk"
BENCH_CHUNK = "datasets.bench_chunk"
SCORE_HUMANS = "datasets.score_humans"
TAKE_CASES = "datasets.take_cases"
BUILD_VERSION = "datasets.build_version"
WRITE_EXPORT = "datasets.write_export"
UPDATE_GRAPH = "datasets.update_graph"
TASKS: dict[type[Work], str] = {
    RunChunk: GROW_CHUNK,
    BenchmarkChunk: BENCH_CHUNK,
    HumanStanding: SCORE_HUMANS,
    CaseImport: TAKE_CASES,
    DatasetVersion: BUILD_VERSION,
    Export: WRITE_EXPORT,
    GraphUpdate: UPDATE_GRAPH,
}
# Redis serves 0 first: people wait for files that come or go; a benchmark is short beside the growth of a dataset.
PRIORITIES = {
    GROW_CHUNK: 6,
    BENCH_CHUNK: 5,
    SCORE_HUMANS: 3,
    TAKE_CASES: 3,
    BUILD_VERSION: 3,
    WRITE_EXPORT: 3,
    UPDATE_GRAPH: 4,
}


def dispatch_work(model: type[Work], work_id: UUID) -> None:
    """Put it before the workers. A broker that cannot be reached is only logged: the sweeper sends it again."""
    task = TASKS[model]
    app = import_string(settings.TASK_APPLICATION)
    options = {"queue": settings.DATASETS["QUEUE"], "priority": PRIORITIES[task]}
    try:
        app.send_task(task, args=[str(work_id)], ignore_result=True, retry=False, **options)
    except (OperationalError, OSError) as error:
        log.warning("work_not_dispatched", task=task, work=str(work_id), error=str(error))
