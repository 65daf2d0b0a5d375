"""Leaving the stack as the next test expects it."""

from diagnosis.models import GenerationJob
from diagnosis.services import cancel_job
from tests.fake_upstream import RunningUpstream
from tests.stack.processes import wait_until

LIVE = ("QUEUED", "RUNNING")
NORMAL = {"mode": "normal", "tokens": 60, "tps": 200.0, "shape": "turn", "after": 10, "delay": 0.0}


def reset_upstream(upstream: RunningUpstream) -> None:
    upstream.control("default", NORMAL)
    upstream.control("log", method="DELETE")


def end_everything() -> None:
    """Stop every live turn, so that no worker writes while the tables are emptied."""

    def nothing_lives() -> bool:
        for job in GenerationJob.objects.filter(state__in=LIVE):
            cancel_job(job=job)
        return not GenerationJob.objects.filter(state__in=LIVE).exists()

    wait_until(nothing_lives, seconds=40, what="every turn to end")
