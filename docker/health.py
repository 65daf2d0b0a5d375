"""Health of one container, without curl: ``python docker/health.py web|worker|growth|beat|model``; 0: healthy."""

import os
import socket
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

BEAT_SCHEDULE = Path("/run/medaction")
BEAT_STALE_SECONDS = 600  # beat writes its schedule about every 180 s


def answers(path: str, host: str = "localhost") -> bool:
    connection = HTTPConnection("127.0.0.1", 8000, timeout=4)
    connection.request("GET", path, headers={"Host": host})
    return connection.getresponse().status == 200


def web() -> bool:
    return answers("/healthz", os.environ["ALLOWED_HOSTS"].split(",")[0].strip())


def model() -> bool:
    return answers("/health")


def worker() -> bool:
    from medaction_site.celery import app

    return bool(app.control.ping(destination=[f"worker@{socket.gethostname()}"], timeout=8))


def growth() -> bool:
    """It answers no ping while it computes (its leases tell whether it is stuck); here: that it can reach its queue."""
    from medaction_site.celery import app

    with app.connection_for_read() as connection:
        return bool(connection.ensure_connection(max_retries=1, timeout=8).connected)


def beat() -> bool:
    written = [file.stat().st_mtime for file in BEAT_SCHEDULE.glob("schedule*")]
    return bool(written) and time.time() - max(written) < BEAT_STALE_SECONDS


if __name__ == "__main__":
    check = {"web": web, "worker": worker, "growth": growth, "beat": beat, "model": model}[sys.argv[1]]
    try:
        healthy = check()
    except OSError as error:
        sys.exit(f"{sys.argv[1]}: {error}")
    sys.exit(0 if healthy else f"{sys.argv[1]}: not healthy")
