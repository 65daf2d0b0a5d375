"""The event stream as a browser meets it: who may read, resuming, many at once, and no connection held."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session as LoginSession
from django.db import connection

from diagnosis.models import GenerationJob, Session
from tests.diagnosis import factories
from tests.stack.client import Reading, parts_of
from tests.stack.processes import wait_until

pytestmark = pytest.mark.stack

PATIENCE = 60
LOOK_SECONDS = 25
HANGING = {"mode": "hang_mid", "tokens": 60, "tps": 200.0, "shape": "turn", "after": 10, "delay": 0.0}


@pytest.fixture
def owner(stack):
    return factories.make_user()


@pytest.fixture
def browser(browse, owner):
    return browse(owner)


def start(owner) -> GenerationJob:
    return factories.make_session(owner, model_key="openai:fake").jobs.get()


def test_a_stream_is_for_its_owner_alone(stack, browser, owner, browse):
    job = start(owner)
    path = f"/jobs/{job.pk}/stream"
    assert httpx.get(stack.url + path).status_code == 403
    assert httpx.get(stack.url + path, cookies={"sessionid": "x" * 32}).status_code == 403
    assert browse(factories.make_user()).http.get(path).status_code == 404
    assert browser.http.get("/jobs/00000000-0000-0000-0000-000000000000/stream").status_code == 404
    assert browser.post(path).status_code == 405
    with browser.http.stream("GET", path) as response:
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream"
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-accel-buffering"] == "no"


def test_reconnecting_after_every_event_loses_and_doubles_nothing(stack, browser, owner):
    job = start(owner)
    reading = Reading()
    connections = 0
    while reading.end is None:
        for event in browser.events(job.pk, after=reading.last_id):
            reading.take(event)
            break
        connections += 1
        assert connections < 500
    job.refresh_from_db()
    stored = job.session.trajectory.nodes.get(seq=job.node_seq).content["text"]
    assert connections > 5
    assert reading.parts == parts_of(stored)


def test_resuming_by_query_is_resuming_by_header(stack, browser, owner):
    job = start(owner)
    whole = browser.read(job.pk)
    middle = whole.events[len(whole.events) // 2].id
    with browser.http.stream("GET", f"/jobs/{job.pk}/stream?after={middle}") as response:
        resumed = response.read().decode()
    assert f"id: {middle}\n" not in resumed
    assert f"id: {whole.events[-1].id}\n" in resumed


def test_two_tabs_show_the_same(stack, browser, owner):
    job = start(owner)
    tabs = [browser.read_in_background(job.pk) for _ in range(2)]
    first, second = (tab.result() for tab in tabs)
    assert first.parts == second.parts != {}


def test_open_streams_hold_no_database_connection(stack, browser, owner):
    """More streams than either pool has connections, every answer hanging: pages are as quick as ever."""
    stack.upstream.control("default", HANGING)
    jobs = [start(owner) for _ in range(40)]
    tabs = [browser.http.build_request("GET", f"/jobs/{job.pk}/stream") for job in jobs]
    with ThreadPoolExecutor(40) as pool:
        responses = list(pool.map(lambda tab: browser.http.send(tab, stream=True), tabs))
    try:
        assert {response.status_code for response in responses} == {200}
        running = GenerationJob.objects.filter(state="RUNNING")
        wait_until(lambda: running.count() == 40, seconds=20, what="all turns to run", detail=stack.logs)
        assert _connections_in_use() == 0
        started = time.monotonic()
        assert browser.http.get("/sessions/").status_code == 200
        assert time.monotonic() - started < 3
    finally:
        for response in responses:
            response.close()


def _connections_in_use() -> int:
    """Connections in a transaction at any of ten looks; a heartbeat's moment of work is not a held connection."""
    held = None
    for _ in range(10):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid, backend_start FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            busy = set(cursor.fetchall())
        held = busy if held is None else held & busy
        time.sleep(0.1)
    return len(held)


def test_fifty_equal_posts_make_one_turn(stack, browser, owner):
    stack.upstream.control("default", HANGING)
    job = start(owner)
    browser.cancel(job.pk)
    wait_until(
        lambda: GenerationJob.objects.get(pk=job.pk).state == "CANCELLED",
        seconds=10,
        what="the stop",
        detail=stack.logs,
    )
    key = "9b2b1f6e-1f57-4e5f-9f2f-6d8a3a4f0c11"
    with ThreadPoolExecutor(50) as pool:
        answers = list(
            pool.map(
                lambda _: browser.post(f"/sessions/{job.session_id}/jobs/", idempotency_key=key).status_code, range(50)
            )
        )
    assert set(answers) <= {200, 302}
    assert GenerationJob.objects.filter(session=job.session_id).exclude(pk=job.pk).count() == 1


def test_fifty_equal_starts_open_one_walkthrough(stack, browser, owner):
    stack.upstream.control("default", HANGING)
    case, key = factories.make_case(), "9b2b1f6e-1f57-4e5f-9f2f-6d8a3a4f0c12"
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: browser.watch(case, "openai:fake", key).headers["location"], range(50)))
    assert len(set(answers)) == 1
    assert Session.objects.filter(owner=owner).count() == 1


def test_who_may_no_longer_read_is_cut_off_within_a_minute(stack, browse):
    """After logout, after the account was disabled, after a new password; who still may is not."""
    stack.upstream.control("default", {**HANGING, "mode": "normal", "tokens": 300, "tps": 2.0})
    browsers = {name: browse(factories.make_user()) for name in ("logout", "disabled", "password", "still here")}
    jobs = {name: start(browser.user).pk for name, browser in browsers.items()}

    def follow(name: str) -> tuple[str, float]:
        """Read until the server closes. Returns what was read, and when it ended."""
        lines = []
        with browsers[name].http.stream("GET", f"/jobs/{jobs[name]}/stream", timeout=PATIENCE) as response:
            for line in response.iter_lines():
                lines.append(line)
                if name == "still here" and time.monotonic() - changed > LOOK_SECONDS:
                    break
        return "\n".join(lines), time.monotonic()

    changed = time.monotonic() + PATIENCE
    with ThreadPoolExecutor(4) as pool:
        following = {name: pool.submit(follow, name) for name in browsers}
        time.sleep(2)
        LoginSession.objects.filter(session_key=browsers["logout"].session_key).delete()
        get_user_model().objects.filter(pk=browsers["disabled"].user.pk).update(is_active=False)
        user = browsers["password"].user
        user.set_password("another horse")
        user.save()
        changed = time.monotonic()
        ends = {name: future.result() for name, future in following.items()}
    for name in ("logout", "disabled", "password"):
        text, at = ends[name]
        assert "event: snapshot" in text
        assert "event: end" not in text
        assert 0 < at - changed < PATIENCE
        assert browsers[name].http.get(f"/jobs/{jobs[name]}/stream").status_code == 403
    assert ends["still here"][1] - changed > LOOK_SECONDS
    assert set(GenerationJob.objects.filter(pk__in=jobs.values()).values_list("state", flat=True)) == {"RUNNING"}
