"""Starting tasks, by name and after commit. Nothing here imports a task: a web process never loads a worker's code."""

from uuid import UUID

import structlog
from django.conf import settings
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)
RUN_TURN = "diagnosis.run_turn"
COMPARE = "diagnosis.compare"
CHECK_MODELS = "diagnosis.check_models"
# Redis serves 0 first: the sweeper does not wait behind the turns, and comparisons do.
TURN_PRIORITY = 6
COMPARE_PRIORITY = 9


def dispatch_job(job_id: UUID) -> None:
    """Put the job before the workers. A broker that cannot be reached is only logged: the sweeper sends it again."""
    _send(RUN_TURN, str(job_id), TURN_PRIORITY)


def dispatch_comparison(comparison_id: int) -> None:
    """Put the comparison before the workers; what is lost on the way is sent again by the sweeper."""
    _send(COMPARE, comparison_id, COMPARE_PRIORITY)


def dispatch_health_check(release_id: UUID) -> None:
    """Have a worker ask this model now; a check that is lost on the way is made up for by the next periodic one."""
    _send(CHECK_MODELS, str(release_id), TURN_PRIORITY)


def _send(task: str, key: str | int, priority: int) -> None:
    app = import_string(settings.TASK_APPLICATION)
    try:
        app.send_task(task, args=[key], ignore_result=True, retry=False, priority=priority)
    except (OperationalError, OSError) as error:
        log.warning("task_not_dispatched", task=task, key=key, error=str(error))
