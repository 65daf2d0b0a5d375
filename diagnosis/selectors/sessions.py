"""A person's own walkthroughs and jobs. What belongs to someone else does not exist (404)."""

from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import OuterRef, Q, QuerySet, Subquery

from diagnosis.models import GenerationJob, Session, Trajectory

State = GenerationJob.State


def list_sessions(*, owner: AbstractBaseUser) -> QuerySet[Session]:
    """Newest first, without those that go on after a correction.

    Each has ``latest_job_state`` (None before the first job) and its case without the payload.
    """
    latest = GenerationJob.objects.filter(session=OuterRef("pk")).order_by("-queued_at").values("state")[:1]
    return (
        Session.objects.filter(owner=owner)
        .exclude(trajectory__origin=Trajectory.Origin.CORRECTED)
        .select_related("case")
        .defer("case__payload", "case__search")
        .annotate(latest_job_state=Subquery(latest))
        .order_by("-created_at")
    )


def get_session(*, owner: AbstractBaseUser, session_id: UUID | str) -> Session:
    """Raises ``Session.DoesNotExist``, also for another person's session."""
    return (
        Session.objects.select_related("case", "trajectory")
        .defer("case__payload", "case__search")
        .get(pk=session_id, owner=owner)
    )


def get_job(*, owner: AbstractBaseUser, job_id: UUID | str) -> GenerationJob:
    """Raises ``GenerationJob.DoesNotExist``, also for another person's job."""
    return (
        GenerationJob.objects.select_related("session__case", "session__trajectory")
        .defer("session__case__payload", "session__case__search")
        .get(pk=job_id, session__owner=owner)
    )


def get_queue_position(job: GenerationJob) -> int | None:
    """How many jobs wait before this one (0 = next), None when it does not wait."""
    if job.state != State.QUEUED:
        return None
    before = Q(queued_at__lt=job.queued_at) | Q(queued_at=job.queued_at, pk__lt=job.pk)
    return GenerationJob.objects.filter(before, state=State.QUEUED).count()
