"""Starting tasks, by name. Nothing here imports a task: a web process never loads a worker's code."""

from uuid import UUID

import structlog
from django.conf import settings
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)
ADD_EXAMPLES = "review.add_examples"
TRACE_EDGES = "review.trace_edges"
REPORT_AGREEMENT = "review.report_agreement"
# Redis serves 0 first: a reviewer waits for the edges of what they judged, nobody for the examples.
PRIORITIES = {ADD_EXAMPLES: 9, REPORT_AGREEMENT: 9, TRACE_EDGES: 3}


def dispatch_examples() -> None:
    """Have a worker work up the example cases. One that is lost on the way is sent again at the next start."""
    _send(ADD_EXAMPLES)


def dispatch_trace(item_id: UUID) -> None:
    """Have a worker find the edges that an item's metrics rest on. The page sends it again while there is none."""
    _send(TRACE_EDGES, str(item_id))


def dispatch_report() -> None:
    """Have a worker work out the figures of agreement. One that is lost on the way is made up for by the beat."""
    _send(REPORT_AGREEMENT, queue=settings.REVIEW["REPORT_QUEUE"])


def _send(task: str, *args: str, **options: str) -> None:
    app = import_string(settings.TASK_APPLICATION)
    try:
        app.send_task(task, args=args, ignore_result=True, retry=False, priority=PRIORITIES[task], **options)
    except (OperationalError, OSError) as error:
        log.warning("task_not_dispatched", task=task, error=str(error))
