import structlog

from diagnosis.tasks.decorators import project_task
from review.services.sweeping import sweep_reservations

log = structlog.get_logger(__name__)


@project_task("review.sweep")
def sweep() -> None:
    """Take items back from reviewers who gave no sign of life.

    Pre: any. Post: no reservation has run out unnoticed; drafts are as they were.
    """
    if count := sweep_reservations():
        log.info("swept_reservations", count=count)
