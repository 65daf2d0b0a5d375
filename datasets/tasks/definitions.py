"""The tasks themselves: translate, one domain call, translate."""

import os
import socket

import structlog
from django.conf import settings
from django.db import transaction

from datasets.models import CaseImport
from datasets.services import intake, sweeping
from datasets.services.errors import UploadRefused
from datasets.services.working import release_work
from datasets.tasks.lease import Lease, LeaseLost, WorkerClosing
from diagnosis.tasks.decorators import project_task
from medaction.knowledge import KnowledgeError, open_graph

log = structlog.get_logger(__name__)
WORKER = f"{socket.gethostname()}:{os.getpid()}"
BROKEN = "Something went wrong on this server. Its log says more; nothing was written."


@project_task("datasets.take_cases")
def take_cases(import_id: str) -> None:
    """Check a file of cases, or import it.

    Pre: the import is QUEUED; in any other state this does nothing.
    Post: SUCCEEDED with its report, FAILED with a sentence, or QUEUED again when this worker is stopping. If this
    process dies, nothing is written and the sweeper sees to it.
    """
    upload = intake.claim_import(import_id=import_id, worker=WORKER)
    if upload is None:
        return
    with Lease(upload) as lease, structlog.contextvars.bound_contextvars(upload=import_id, attempt=upload.attempt):
        try:
            graph = open_graph(settings.GRAPH_CACHE)
            intake.take_cases(upload=upload, graph=graph, go_on=lease.go_on)
        except LeaseLost:
            log.warning("lease_lost")
        except WorkerClosing:
            _give_back(upload)
        except (UploadRefused, KnowledgeError) as refusal:
            intake.fail_import(upload=upload, message=str(refusal))
        except Exception:
            log.exception("import_broke")
            intake.fail_import(upload=upload, message=BROKEN)


@project_task("datasets.sweep")
def sweep() -> None:
    """See to what was left behind.

    Pre: any. Post: no lease has run out unnoticed; nothing waits without having been put before the workers.
    """
    count = sweeping.sweep_imports()
    if count:
        log.info("swept_data", count=count)


def _give_back(work: CaseImport) -> None:
    with transaction.atomic():
        release_work(work=work)
