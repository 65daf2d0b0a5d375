"""Model releases: registered, checked, switched off and on again. Each change leaves a ``ReleaseEvent``."""

import asyncio
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from diagnosis.models import GenerationJob, ModelRelease, ReleaseEvent
from diagnosis.selectors.chat_models import describe_switch
from diagnosis.selectors.endpoints import EndpointNotAllowedError, get_endpoint
from diagnosis.services.cancelling import cancel_job
from diagnosis.services.errors import ReleaseRefused
from medaction.domain.canonical import content_hash
from medaction.inference.openai_compatible import ModelHealth, OpenAICompatibleModel
from medaction.inference.timeouts import Timeouts

log = structlog.get_logger(__name__)
State, Health, Kind, Engine = ModelRelease.State, ModelRelease.Health, ReleaseEvent.Kind, ModelRelease.Engine
LIVE = (GenerationJob.State.QUEUED, GenerationJob.State.RUNNING)
HASH = re.compile(r"[0-9a-f]{64}")
# Where it is and what people call it may change; what it answers is decided by the rest.
NOT_DECIDING = ("key", "label", "base_url", "configured", "card")


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What a release is. A hash is 64 hexadecimal digits, or empty where nobody knows it."""

    key: str
    label: str
    engine: str
    served_name: str
    base_url: str = ""
    base_hash: str = ""
    adapter_hash: str = ""
    chat_template_hash: str = ""
    prompt_hash: str = ""
    trained_on: str = ""
    card: str = ""
    configured: bool = False

    @property
    def content_hash(self) -> str:
        return content_hash({name: value for name, value in asdict(self).items() if name not in NOT_DECIDING})


def register_release(*, facts: ReleaseFacts, by: AbstractBaseUser | None = None) -> ModelRelease:
    """Make the release with this key, or bring it up to date; the same facts change nothing.

    The switch and the health stay as they are. Raises ``ReleaseRefused`` for an address that the settings do not allow
    and for a hash that is none.
    """
    values = _check(facts)
    with transaction.atomic():
        release, created = ModelRelease.objects.get_or_create(key=facts.key, defaults=values)
        if not created:
            release = ModelRelease.objects.select_for_update(of=("self",)).get(pk=release.pk)
            changed = [name for name, value in values.items() if getattr(release, name) != value]
            if not changed:
                return release
            for name in changed:
                setattr(release, name, values[name])
            release.save(update_fields=changed)
        _record(release, Kind.REGISTERED if created else Kind.CHANGED, by=by)
    log.info("release_registered", release=release.key, content=release.content_hash)
    return release


def disable_release(*, release: ModelRelease, by: AbstractBaseUser, reason: str) -> ModelRelease:
    """The kill switch: from now on nothing is asked of it, and what it is writing is stopped.

    Doing it again changes nothing. Raises ``ReleaseRefused`` without a reason.
    """
    changed = _switch(release, State.DISABLED, by, reason)
    # After the commit, and job by job: each is under the lock of its own session. Whoever starts one meanwhile is
    # refused by the worker, which looks again.
    stop_switched_off()
    return changed


def enable_release(*, release: ModelRelease, by: AbstractBaseUser, reason: str) -> ModelRelease:
    """It may be asked again. Raises ``ReleaseRefused`` without a reason."""
    return _switch(release, State.ENABLED, by, reason)


def stop_switched_off() -> int:
    """Stop every live job of a release that is disabled; returns how many. The sweeper repeats it."""
    disabled = {release.key: release for release in ModelRelease.objects.filter(state=State.DISABLED).defer("card")}
    if not disabled:
        return 0
    jobs = GenerationJob.objects.filter(
        state__in=LIVE, session__model_key__in=disabled, cancel_requested_at__isnull=True
    ).select_related("session")
    stopped = [cancel_job(job=job, reason=describe_switch(disabled[job.session.model_key])) for job in jobs]
    return len(stopped)


def check_health(*, release: ModelRelease, starting: bool = False) -> ModelRelease:
    """Ask its server whether it is there and offers the model, for at most ten seconds, and keep what it said.

    ``starting``: the server may be on its way up, so that only an answer is kept.
    """
    health = _ask(release)
    if starting and not health.ok:
        return release
    return record_health(release=release, ok=health.ok, message=health.message, at=timezone.now())


def record_health(*, release: ModelRelease, ok: bool, message: str, at: datetime) -> ModelRelease:
    """A check that ended before the latest one changes nothing."""
    values = {"health": Health.OK if ok else Health.FAILING, "health_message": message[:400], "health_checked_at": at}
    older = ModelRelease.objects.filter(pk=release.pk).exclude(health_checked_at__gt=at)
    if older.update(**values) and not ok and release.health != Health.FAILING:
        log.warning("release_fails", release=release.key, message=message)
    release.refresh_from_db(fields=list(values))
    return release


def _ask(release: ModelRelease) -> ModelHealth:
    if release.engine == Engine.SCRIPTED:
        return ModelHealth(True, "A script needs no server.")
    try:
        endpoint = get_endpoint(release.base_url)
    except EndpointNotAllowedError as error:
        return ModelHealth(False, str(error))

    async def ask() -> ModelHealth:
        model = OpenAICompatibleModel(
            base_url=endpoint.url,
            name=release.served_name,
            api_key=endpoint.api_key,
            timeouts=Timeouts(**settings.MODEL_TIMEOUTS),
        )
        try:
            return await model.health()
        finally:
            await model.aclose()

    return asyncio.run(ask())


def _check(facts: ReleaseFacts) -> dict[str, Any]:
    values = asdict(facts)
    del values["key"]
    if facts.engine != Engine.SCRIPTED:
        try:
            values["base_url"] = get_endpoint(facts.base_url).url
        except EndpointNotAllowedError as error:
            raise ReleaseRefused(str(error)) from None
    for name, value in values.items():
        if (name.endswith("_hash") or name == "trained_on") and value and not HASH.fullmatch(value):
            raise ReleaseRefused(f"{name.replace('_', ' ').capitalize()} must be 64 hexadecimal digits.")
    return {**values, "content_hash": facts.content_hash}


def _switch(release: ModelRelease, state: str, by: AbstractBaseUser, reason: str) -> ModelRelease:
    reason = " ".join(reason.split())
    if not reason:
        raise ReleaseRefused("Say why: everybody who uses this model will read it.")
    with transaction.atomic():
        release = ModelRelease.objects.select_for_update(of=("self",)).get(pk=release.pk)
        if release.state == state:
            return release
        release.state, release.state_reason, release.state_by = state, reason[:300], by
        release.state_at = timezone.now()
        release.save(update_fields=["state", "state_reason", "state_by", "state_at"])
        _record(release, Kind.DISABLED if state == State.DISABLED else Kind.ENABLED, by=by, reason=release.state_reason)
    log.warning("release_switched", release=release.key, state=state, by=by.get_username())
    return release


def _record(release: ModelRelease, kind: str, *, by: AbstractBaseUser | None, reason: str = "") -> None:
    facts = {field: getattr(release, field) for field in ReleaseFacts.__dataclass_fields__ if field != "card"}
    facts["content_hash"] = release.content_hash
    ReleaseEvent.objects.create(release=release, kind=kind, by=by, reason=reason, facts=facts)
