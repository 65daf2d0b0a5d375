import structlog

from diagnosis.tasks.decorators import project_task
from review.services import reporting

log = structlog.get_logger(__name__)


@project_task("review.report_agreement")
def report_agreement() -> None:
    """Work out how far reviewers agree, for each version of a rubric.

    Pre: any. Post: each version that was judged by has a report of its judgements; what had one is left as it is.
    """
    for report in reporting.report_agreement():
        log.info("reported_agreement", report=report.pk, judgements=report.judgements)
