"""Model releases: what the database refuses, which addresses are allowed, and what the kill switch stops."""

from dataclasses import replace
from io import StringIO
from uuid import uuid4

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from diagnosis.models import GenerationJob, ModelRelease, ReleaseEvent
from diagnosis.selectors.chat_models import (
    ModelSwitchedOffError,
    UnknownChatModelError,
    get_chat_model,
    list_chat_models,
)
from diagnosis.selectors.endpoints import EndpointNotAllowedError, get_endpoint
from diagnosis.services import (
    ModelSwitchedOff,
    ReleaseFacts,
    ReleaseRefused,
    cancel_job,
    check_health,
    claim_job,
    disable_release,
    enable_release,
    finish_job,
    register_configured,
    register_release,
    retry_turn,
    start_session,
    stop_switched_off,
)
from medaction.domain.prompt import prompt_hash
from medaction.inference.release import ReleaseManifest
from medaction.inference.weights import MODEL_NAME, WEIGHTS_SHA256
from tests.diagnosis import factories
from tests.fake_upstream import running

pytestmark = pytest.mark.django_db
URL = "http://10.1.2.3:8000/v1"
FACTS = ReleaseFacts(
    key="lab:tuned",
    label="Tuned 8B",
    engine="VLLM",
    served_name="tuned",
    base_url=URL,
    base_hash="a" * 64,
    adapter_hash="b" * 64,
    trained_on="c" * 64,
)


@pytest.fixture(autouse=True)
def addresses(settings, scripted):
    settings.POLICY_URL, settings.POLICY_API_KEY = "http://127.0.0.1:9/v1", "policy-key"
    settings.MODEL_ENDPOINTS, settings.MODEL_ENDPOINT_KEYS = {"lab": URL}, {"lab": "lab-key"}


@pytest.fixture
def release():
    return register_release(facts=FACTS)


def refused(action, error=IntegrityError):
    with pytest.raises(error), transaction.atomic():
        action()


@pytest.mark.parametrize(
    "values",
    [
        {"base_hash": "not a hash"},
        {"trained_on": "A" * 64},
        {"content_hash": ""},
        {"state": "DISABLED"},
        {"state": "DISABLED", "state_reason": "wrong", "state_at": None},
        {"state": "PAUSED"},
        {"health": "OK"},
        {"health_checked_at": timezone.now()},
        {"base_url": ""},
        {"base_url": "file:///etc/passwd"},
        {"engine": "SCRIPTED"},
        {"served_name": ""},
    ],
)
def test_the_database_refuses_what_is_not_a_release(release, values):
    refused(lambda: ModelRelease.objects.filter(pk=release.pk).update(**values))


def test_a_key_is_unique_and_never_changes(release):
    refused(lambda: ModelRelease.objects.filter(pk=release.pk).update(key="other"))
    release.pk = uuid4()
    refused(lambda: release.save(force_insert=True))


def test_what_was_done_is_neither_changed_nor_deleted(release):
    refused(lambda: ReleaseEvent.objects.update(reason="nothing happened"), DatabaseError)
    refused(lambda: ReleaseEvent.objects.all()._raw_delete("default"), DatabaseError)


def test_registering_again_changes_only_what_is_new(release):
    assert register_release(facts=FACTS) == release
    assert [event.kind for event in release.events.all()] == ["REGISTERED"]
    changed = register_release(facts=replace(FACTS, adapter_hash="d" * 64))
    assert changed.pk == release.pk
    assert changed.content_hash != release.content_hash
    newest = changed.events.first()
    assert (newest.kind, newest.facts["adapter_hash"]) == ("CHANGED", "d" * 64)
    moved = register_release(facts=replace(FACTS, adapter_hash="d" * 64, label="Tuned 8B, second server"))
    assert moved.content_hash == changed.content_hash


def test_a_hash_that_is_none_is_refused():
    with pytest.raises(ReleaseRefused, match="Base hash must be 64"):
        register_release(facts=replace(FACTS, base_hash="sha256:abc"))
    assert not ModelRelease.objects.exists()


ELSEWHERE = [
    "http://10.1.2.3:8001/v1",
    "http://10.1.2.3/v1",
    "https://10.1.2.3:8000/v1",
    "http://10.1.2.3:8000/v2",
    "http://10.1.2.3:8000/v1/../../latest/meta-data",
    URL.removesuffix("/v1") + "@169.254.169.254/v1",
    "http://user@10.1.2.3:8000/v1",
    "http://10.1.2.3:8000/v1?x=http://evil.example",
    "http://10.1.2.3:8000/v1#@evil.example",
    "http://10.1.2.3:8000.evil.example/v1",
    "http://10.1.2.3.nip.io:8000/v1",
    "http://0x0a010203:8000/v1",
    "http://167838211:8000/v1",
    "http://10.1.515:8000/v1",
    "http://012.01.02.03:8000/v1",
    "http://[::ffff:10.1.2.3]:8000/v1",
    "http://[::1]:8000/v1",
    "http://localhost:8000/v1",
    "http://127.1:9/v1",
    "http://2130706433:9/v1",
    "http://0.0.0.0:9/v1",
    "http://169.254.169.254/v1",
    "http://metadata.google.internal/v1",
    "file:///etc/passwd",
    "gopher://10.1.2.3:8000/v1",
    "unix:///run/docker.sock",
    "//10.1.2.3:8000/v1",
    "10.1.2.3:8000",
    "http://10.1.2.3:99999/v1",
    "http:///v1",
    "",
    "http://①0.1.2.3:8000/v2",
]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_an_address_that_the_settings_do_not_name_is_refused(address):
    with pytest.raises(EndpointNotAllowedError):
        get_endpoint(address)
    with pytest.raises(ReleaseRefused, match="not allowed"):
        register_release(facts=replace(FACTS, base_url=address))
    assert not ModelRelease.objects.exists()


@pytest.mark.parametrize("address", [URL, "http://10.1.2.3:8000", f"{URL}/", " http://10.1.2.3:8000/v1 "])
def test_an_allowed_address_is_stored_as_the_settings_write_it(address):
    assert register_release(facts=replace(FACTS, base_url=address)).base_url == URL


def test_a_registered_release_is_offered_with_its_own_servers_key(release):
    by_key = {choice.key: choice for choice in list_chat_models()}
    assert list(by_key)[:2] == ["policy:kg", "lab:tuned"]
    assert (by_key["lab:tuned"].spec.base_url, by_key["lab:tuned"].spec.api_key) == (URL, "lab-key")
    assert by_key["policy:kg"].spec.api_key == "policy-key"
    assert "lab-key" not in repr(by_key["lab:tuned"])


def test_an_address_taken_out_of_the_settings_is_not_asked_any_more(release, settings):
    settings.MODEL_ENDPOINTS = {}
    with pytest.raises(UnknownChatModelError):
        get_chat_model("lab:tuned")
    assert not check_health(release=release).health_message.startswith("The model server")
    assert release.health == "FAILING"


def test_the_settings_models_become_releases(settings):
    settings.MODEL_URL, settings.MODEL_NAME = "http://127.0.0.1:8/v1", MODEL_NAME
    registered = {release.key: release for release in register_configured()}
    assert list(registered) == [
        "policy:kg",
        f"openai:{MODEL_NAME}",
        *(f"scripted:{s}" for s in settings.SCRIPTED_MODELS),
    ]
    model = registered[f"openai:{MODEL_NAME}"]
    assert (model.engine, model.base_hash, model.prompt_hash) == ("LLAMA_CPP", WEIGHTS_SHA256, prompt_hash())
    assert len(model.chat_template_hash) == 64
    assert "reasons badly" in model.card
    register_configured()
    assert ReleaseEvent.objects.count() == len(registered)
    settings.MODEL_NAME = "another"
    register_configured()
    offered = [choice.key for choice in list_chat_models()]
    assert "openai:another" in offered
    assert model.key not in offered, "the settings do not name it any more"


def test_offering_costs_one_query(release):
    with CaptureQueriesContext(connection) as queries:
        list_chat_models()
    assert len(queries) == 1


def test_a_server_on_its_way_up_is_not_called_silent(settings):
    with running() as upstream:
        settings.MODEL_URL, settings.MODEL_NAME = upstream.url, "fake"
        fake = next(release for release in register_configured() if release.key == "openai:fake")
        silent = register_release(facts=replace(FACTS, base_url=upstream.url, served_name="gone"))
        assert check_health(release=fake, starting=True).health == "OK"
        assert check_health(release=silent, starting=True).health == "UNKNOWN"
        assert check_health(release=silent).health == "FAILING"


def test_health_says_what_the_server_says(settings):
    with running() as upstream:
        settings.MODEL_URL, settings.MODEL_NAME = upstream.url, "fake"
        fake = next(release for release in register_configured() if release.key == "openai:fake")
        assert check_health(release=fake).health == "OK"
        other = register_release(facts=replace(FACTS, base_url=upstream.url, served_name="gone"))
        assert check_health(release=other).health == "FAILING"
        assert "has no model “gone”" in other.health_message
    assert check_health(release=fake).health == "FAILING"
    assert fake.health_checked_at is not None
    assert next(choice for choice in list_chat_models() if choice.key == "openai:fake").problem == fake.health_message
    script = register_release(facts=ReleaseFacts("scripted:x", "X", "SCRIPTED", "x"))
    assert check_health(release=script).health == "OK"


# The kill switch.


@pytest.fixture
def script_release():
    register_configured()
    return ModelRelease.objects.get(key="scripted:walk")


@pytest.fixture
def chief(django_user_model):
    return django_user_model.objects.create_user("chief")


def test_without_a_reason_nothing_is_switched(script_release, chief):
    for reason in ("", "  \n "):
        with pytest.raises(ReleaseRefused, match="Say why"):
            disable_release(release=script_release, by=chief, reason=reason)
    script_release.refresh_from_db()
    assert script_release.is_enabled


def test_the_switch_is_kept_with_who_when_and_why(script_release, chief):
    before = timezone.now()
    disable_release(release=script_release, by=chief, reason="It  repeats\nitself")
    disable_release(release=script_release, by=chief, reason="Again")
    enable_release(release=script_release, by=chief, reason="Mended")
    again, off, _ = script_release.events.all()
    assert (off.kind, off.by, off.reason) == ("DISABLED", chief, "It repeats itself")
    assert (again.kind, again.by, again.reason) == ("ENABLED", chief, "Mended")
    assert before <= off.at <= again.at
    script_release.refresh_from_db()
    assert (script_release.is_enabled, script_release.state_by) == (True, chief)


def test_a_disabled_release_starts_nothing(script_release, chief, owner, case):
    disable_release(release=script_release, by=chief, reason="It repeats itself")
    with pytest.raises(ModelSwitchedOffError, match=r"was switched off on .* It repeats itself\."):
        factories.make_session(owner, case, "scripted:walk")
    assert "scripted:walk" not in {choice.key for choice in list_chat_models()}
    enable_release(release=script_release, by=chief, reason="Mended")
    assert factories.make_session(owner, case, "scripted:walk").jobs.count() == 1


def test_a_start_that_was_taken_before_is_still_that_walkthrough(script_release, chief, owner, case):
    key = str(uuid4())
    start = {"owner": owner, "case": case, "model_key": "scripted:walk", "idempotency_key": key}
    session = start_session(**start)
    disable_release(release=script_release, by=chief, reason="It repeats itself")
    assert start_session(**start) == session


def test_waiting_and_running_turns_are_stopped_with_the_reason(script_release, chief, owner, case):
    waiting, running_one, elsewhere = (
        factories.make_session(owner, case, key) for key in ("scripted:walk", "scripted:walk", "scripted:half")
    )
    claim = claim_job(job_id=factories.live_job(running_one).pk, worker="w")
    disable_release(release=script_release, by=chief, reason="It repeats itself")
    stopped = waiting.jobs.get()
    assert (stopped.state, "It repeats itself" in stopped.error_message) == ("CANCELLED", True)
    assert running_one.jobs.get().cancel_requested_at is not None
    assert factories.live_job(elsewhere).state == "QUEUED"
    done = finish_job(job_id=claim.job.pk, attempt=claim.attempt, answer=factories.make_answer())
    assert (done.state, "It repeats itself" in done.error_message) == ("CANCELLED", True)
    assert done.partial_text
    with pytest.raises(ModelSwitchedOff, match="It repeats itself"):
        retry_turn(job=done, idempotency_key=str(uuid4()))
    assert stop_switched_off() == 0


def test_what_was_started_in_the_same_moment_is_stopped_by_the_sweeper(script_release, chief, owner, case):
    disable_release(release=script_release, by=chief, reason="It repeats itself")
    ModelRelease.objects.filter(pk=script_release.pk).update(state="ENABLED")
    session = factories.make_session(owner, case, "scripted:walk")
    ModelRelease.objects.filter(pk=script_release.pk).update(state="DISABLED")
    assert stop_switched_off() == 1
    assert session.jobs.get().state == "CANCELLED"


def test_a_readers_own_stop_names_no_release(session):
    assert cancel_job(job=factories.live_job(session)).error_message == ""
    assert GenerationJob.objects.get().state == "CANCELLED"


# From a manifest.


@pytest.fixture
def manifest(tmp_path):
    made = ReleaseManifest("tuned", "Qwen/Qwen3-8B", "Tuned 8B", base_hash="a" * 64, trained_on="b" * 64, card="# Card")
    path = tmp_path / "manifest.json"
    path.write_bytes(made.to_json())
    return path


def test_a_manifest_is_registered_at_a_named_endpoint(manifest):
    out = StringIO()
    for _ in range(2):
        call_command("register_release", manifest, "--endpoint", "lab", "--json", stdout=out)
    release = ModelRelease.objects.get()
    assert orjson.loads(out.getvalue().splitlines()[-1])["content_hash"] == release.content_hash
    assert (release.key, release.base_url, release.trained_on) == ("lab:tuned", URL, "b" * 64)
    assert get_chat_model("lab:tuned").spec.name == "tuned"
    assert release.events.count() == 1


def test_a_command_that_cannot_work_says_what_to_do(manifest):
    with pytest.raises(CommandError, match="the settings name policy, lab"):
        call_command("register_release", manifest, "--endpoint", "elsewhere")
    manifest.write_bytes(b"{}")
    with pytest.raises(CommandError, match=r"manifest\.json: The manifest must be"):
        call_command("register_release", manifest, "--endpoint", "lab")
    assert not ModelRelease.objects.exists()
