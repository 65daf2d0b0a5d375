import structlog

from diagnosis.services.planning import load_case
from diagnosis.tasks.comparing import open_solver, walk_case
from diagnosis.tasks.decorators import project_task
from review.services.examples import add_example, example_environment, list_missing_examples
from review.services.sweeping import sweep_reservations

log = structlog.get_logger(__name__)


@project_task("review.sweep")
def sweep() -> None:
    """Take items back from reviewers who gave no sign of life.

    Pre: any. Post: no reservation has run out unnoticed; drafts are as they were.
    """
    if count := sweep_reservations():
        log.info("swept_reservations", count=count)


@project_task("review.add_examples")
def add_examples() -> None:
    """Have the knowledge-graph policy work up a few teaching cases, each path an item to judge.

    Pre: any. Post: each example case that is there has its item; one that had it is left as it is.
    """
    for case in list_missing_examples():
        trajectory = walk_case(open_solver(), load_case(case.pk), case.pk, example_environment())
        add_example(trajectory=trajectory)
