"""The Celery application. Tasks start only through ``diagnosis.dispatch`` after commit, by name."""

from celery import Celery

from medaction_site.env import use_settings

use_settings("medaction_site.settings.dev")

app = Celery("medaction")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
