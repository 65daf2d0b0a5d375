"""The tasks themselves: translate, one domain call, translate."""

import os
import socket
import time

import structlog
from django.db import DataError, transaction

from datasets.models import CaseImport, RunChunk
from datasets.services import chunks, growing, intake, overlaying, sweeping
from datasets.services.errors import UploadRefused
from datasets.services.working import release_work
from datasets.tasks.grower import Grower, GrowerRefusal, get_grower
from datasets.tasks.lease import Lease, LeaseLost, WorkerClosing
from diagnosis.tasks.decorators import project_task
from medaction.inference.errors import ModelError
from medaction.knowledge import KnowledgeError
from review.selectors.graph import open_site_graph

log = structlog.get_logger(__name__)
WORKER = f"{socket.gethostname()}:{os.getpid()}"
CASE_BROKEN = "Something went wrong on this server while it grew this tree. Its log says more."
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
            graph = open_site_graph()
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


@project_task("datasets.grow_chunk")
def grow_chunk(chunk_id: str) -> None:
    """Grow, score and prune the cases of a chunk.

    Pre: the chunk is QUEUED and its run neither paused nor over; else this does nothing.
    Post: SUCCEEDED; every case has its tree or says why not. Or QUEUED again, when the run was paused or this worker
    is stopping; CANCELLED, when the run was. If this process dies, the trees committed so far stay and the sweeper
    sees to the rest.
    """
    chunk = growing.claim_chunk(chunk_id=chunk_id, worker=WORKER)
    if chunk is None:
        return
    with Lease(chunk) as lease, structlog.contextvars.bound_contextvars(chunk=chunk_id, attempt=chunk.attempt):
        try:
            grower = get_grower(chunk.run)
            if all(_grow_case(grower, chunk, pending, lease) for pending in growing.list_pending(chunk=chunk)):
                chunks.finish_chunk(chunk=chunk)
            else:
                chunks.let_go(chunk=chunk)
        except LeaseLost:
            log.warning("lease_lost")
        except WorkerClosing:
            chunks.let_go(chunk=chunk)
        except (GrowerRefusal, KnowledgeError) as refusal:
            chunks.fail_run(chunk=chunk, message=str(refusal))


@project_task("datasets.sweep")
def sweep() -> None:
    """See to what was left behind.

    Pre: any. Post: no lease has run out unnoticed; nothing waits without having been put before the workers; the site's
    overlay, once there was one, is there and says what is decided.
    """
    count = sweeping.sweep_runs() + sweeping.sweep_imports() + sweeping.sweep_versions() + sweeping.sweep_updates()
    if count:
        log.info("swept_data", count=count)
    # Last: without the shared files it fails, and nothing else should with it.
    overlaying.mend_overlay()


def _grow_case(grower: Grower, chunk: RunChunk, pending: growing.PendingCase, lease: Lease) -> bool:
    """Whether to go on with the chunk."""
    lease.go_on()
    started = time.monotonic()
    try:
        tree = grower.grow(pending)
    except ModelError as error:
        return _fail_case(chunk, pending, str(error), started)
    except Exception:
        log.exception("case_broke", case=pending.case.id)
        return _fail_case(chunk, pending, CASE_BROKEN, started)
    try:
        return growing.commit_tree(chunk=chunk, row=pending.row, tree=tree, seconds=time.monotonic() - started)
    except DataError as error:
        return _fail_case(chunk, pending, f"The tree cannot be stored: {error}", started)


def _fail_case(chunk: RunChunk, pending: growing.PendingCase, message: str, started: float) -> bool:
    seconds = time.monotonic() - started
    return chunks.fail_piece(chunk=chunk, row=pending.row, message=message, seconds=seconds)


def _give_back(work: CaseImport) -> None:
    with transaction.atomic():
        release_work(work=work)
