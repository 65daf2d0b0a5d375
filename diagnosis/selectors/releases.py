"""Model releases, as their pages and the periodic check read them."""

from uuid import UUID

from django.db.models import QuerySet

from diagnosis.models import ModelRelease, ReleaseEvent, Session


def list_releases() -> QuerySet[ModelRelease]:
    """Every release, by its label."""
    return ModelRelease.objects.select_related("state_by").defer("card")


def get_release(*, release_id: UUID) -> ModelRelease:
    """Raises ``ModelRelease.DoesNotExist``."""
    return ModelRelease.objects.select_related("state_by").get(pk=release_id)


def list_release_events(release: ModelRelease) -> QuerySet[ReleaseEvent]:
    """What was done to it, newest first."""
    return release.events.select_related("by")


def count_walkthroughs(release: ModelRelease) -> int:
    """How many walkthroughs were started with it."""
    return Session.objects.filter(model_key=release.key).count()


def list_releases_to_check(release_id: UUID | str | None = None) -> QuerySet[ModelRelease]:
    """All that are enabled, or the one that is named."""
    releases = ModelRelease.objects.defer("card")
    if release_id is not None:
        return releases.filter(pk=release_id)
    return releases.filter(state=ModelRelease.State.ENABLED)
