"""Pausing, going on, cancelling, of both kinds of runs. Each takes effect at once: what is in the making is not
committed any more.
"""

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from datasets.services.announcing import announce_run
from datasets.services.chunks import ACTIVE, Run, RunState
from datasets.services.errors import RunRefused
from datasets.services.working import State, put_before_workers


def pause_run(*, run: Run) -> None:
    """What is done stays. Raises :class:`RunRefused` for a run that does not run."""
    with transaction.atomic():
        if not type(run).objects.filter(pk=run.pk, state__in=ACTIVE).update(state=RunState.PAUSED):
            raise RunRefused("Only a run that waits or works can be paused.")
        announce_run(run)


def resume_run(*, run: Run) -> None:
    """Go on with a paused run, or try the failed cases of one that ended again. Raises :class:`RunRefused`."""
    try:
        with transaction.atomic():
            _reopen_chunks(run)
            waiting = list(run.chunks.filter(state=State.QUEUED).values_list("pk", flat=True))
            again = {"state": RunState.QUEUED, "finished_at": None, "error_message": ""}
            paused = type(run).objects.filter(pk=run.pk, state=RunState.PAUSED).update(**again)
            ended = type(run).objects.filter(pk=run.pk, state__in=(RunState.SUCCEEDED, RunState.FAILED))
            if not paused and not (waiting and ended.update(**again, failed_count=0)):
                raise RunRefused("This run is not paused, and no case of it failed.")
            put_before_workers(run.chunks.model, waiting)
            announce_run(run)
    except IntegrityError as error:
        raise RunRefused("The same run was started anew meanwhile; go on with that one.") from error


def cancel_run(*, run: Run) -> None:
    """For good; what is done stays and can be looked at. Raises :class:`RunRefused` for a run that is over."""
    with transaction.atomic():
        run.chunks.filter(state=State.QUEUED).update(state=State.CANCELLED, finished_at=Now())
        going = type(run).objects.filter(pk=run.pk, state__in=(*ACTIVE, RunState.PAUSED))
        if not going.update(state=RunState.CANCELLED, finished_at=Now()):
            raise RunRefused("This run is over already.")
        announce_run(run)


def _reopen_chunks(run: Run) -> None:
    """Of a run that ended: its cases from which nothing came are to be tried again."""
    if run.state not in (RunState.SUCCEEDED, RunState.FAILED):
        return
    run.pieces.filter(trajectory__isnull=True).exclude(error_message="").update(error_message="")
    undone = run.pieces.filter(trajectory__isnull=True).values_list("chunk", flat=True).distinct()
    again = {"state": State.QUEUED, "finished_at": None, "tries": 0, "error_message": ""}
    run.chunks.filter(pk__in=list(undone)).exclude(state=State.RUNNING).update(**again)
