"""The Celery application. Tasks start only through ``diagnosis.dispatch`` after commit, by name, or by the beat."""

from celery import Celery
from django.conf import settings

from medaction_site.env import use_settings

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
}
