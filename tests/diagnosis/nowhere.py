"""A Celery application whose messages no worker reads: a stack that still runs must not take this test's jobs."""

from celery import Celery

app = Celery("nowhere", broker="memory://", set_as_current=False)
