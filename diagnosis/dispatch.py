"""Starting tasks, by name and after commit. Nothing here imports a task: a web process never loads a worker's code."""

from uuid import UUID

import structlog
from django.conf import settings
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)
RUN_TURN = "diagnosis.run_turn"
# Redis serves 0 first: the sweeper does not wait behind the turns.
TURN_PRIORITY = 6


def dispatch_job(job_id: UUID) -> None:
    """Put the job before the workers. A broker that cannot be reached is only logged: the sweeper sends it again."""
    app = import_string(settings.TASK_APPLICATION)
    try:
        app.send_task(RUN_TURN, args=[str(job_id)], ignore_result=True, retry=False, priority=TURN_PRIORITY)
    except (OperationalError, OSError) as error:
        log.warning("job_not_dispatched", job=str(job_id), error=str(error))
