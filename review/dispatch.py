"""Starting tasks, by name. Nothing here imports a task: a web process never loads a worker's code."""

import structlog
from django.conf import settings
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)
ADD_EXAMPLES = "review.add_examples"
PRIORITY = 9


def dispatch_examples() -> None:
    """Have a worker work up the example cases. One that is lost on the way is sent again at the next start."""
    app = import_string(settings.TASK_APPLICATION)
    try:
        app.send_task(ADD_EXAMPLES, ignore_result=True, retry=False, priority=PRIORITY)
    except (OperationalError, OSError) as error:
        log.warning("task_not_dispatched", task=ADD_EXAMPLES, error=str(error))
