"""The Celery application. Tasks start only through ``diagnosis.dispatch`` after commit, by name, or by the beat."""

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings

from medaction_site.env import use_settings
from medaction_site.logs import configure_logs

use_settings("medaction_site.settings.dev")

app = Celery("medaction")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "sweep": {
        "task": "diagnosis.sweep",
        "schedule": settings.DIAGNOSIS["SWEEP_SECONDS"],
        # Before all turns: what was left behind is older than what is new.
        "options": {"priority": 0, "expires": 60},
    },
    "check-models": {
        "task": "diagnosis.check_models",
        "schedule": settings.DIAGNOSIS["HEALTH_SECONDS"],
        "options": {"priority": 0, "expires": 60},
    },
    "sweep-review": {
        "task": "review.sweep",
        "schedule": settings.REVIEW["SWEEP_SECONDS"],
        "options": {"priority": 0, "expires": 60},
    },
    "read-graph": {
        "task": "review.read_graph",
        "schedule": settings.REVIEW["SWEEP_SECONDS"],
        "options": {"priority": 3, "expires": 60},
    },
    "report-agreement": {
        "task": "review.report_agreement",
        "schedule": settings.REVIEW["REPORT_SECONDS"],
        "options": {"queue": settings.REVIEW["REPORT_QUEUE"], "expires": 3600},
    },
    "sweep-data": {
        "task": "datasets.sweep",
        "schedule": settings.DATASETS["SWEEP_SECONDS"],
        "options": {"priority": 0, "expires": 60},
    },
}


@setup_logging.connect
def take_over_logs(**_: object) -> None:
    """Whoever connects here keeps Celery from setting up logs of its own."""
    configure_logs(settings.LOG_LEVEL)
