"""The releases that the settings name are registered, and all are asked whether they answer."""

import structlog
from celery.signals import worker_ready
from django.conf import settings

from diagnosis import services
from diagnosis.dispatch import CHECK_MODELS
from diagnosis.selectors.releases import list_releases_to_check
from diagnosis.tasks.decorators import project_task

log = structlog.get_logger(__name__)


@project_task("diagnosis.check_models")
def check_models(release_id: str | None = None, starting: bool = False) -> None:
    """See how the models are.

    Pre: any; ``release_id`` names one release, else all are meant. Post: the settings' models are registered, and each
    release that could be asked carries what its server said just now; ``starting``: only if it answered.
    """
    services.register_configured()
    for release in list_releases_to_check(release_id):
        services.check_health(release=release, starting=starting)


@worker_ready.connect
def check_first(sender: object, **_: object) -> None:
    """Without waiting for the beat: what a new installation serves is seen at once. Servers that start along with this
    worker are given a moment, and not called silent before the beat has asked them."""
    app = getattr(sender, "app", None)
    if app is not None and settings.CELERY_TASK_DEFAULT_QUEUE in app.amqp.queues.consume_from:
        for seconds in (0, 8, 20):
            app.send_task(CHECK_MODELS, kwargs={"starting": True}, countdown=seconds, ignore_result=True)
