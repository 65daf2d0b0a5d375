"""The doorbell socket: rings for one's own walkthroughs, opens for nobody else and from nowhere else."""

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from diagnosis.services import cancel_job
from tests.diagnosis import factories
from tests.stack.doorbell import open_socket, rings

pytestmark = pytest.mark.stack
HANGING = {"mode": "hang_before_headers", "tokens": 1, "tps": 1.0, "shape": "turn", "after": 1, "delay": 0.0}


def test_it_rings_for_ones_own_walkthrough_only(stack, browse):
    stack.upstream.control("default", HANGING)
    owner, stranger = factories.make_user(), factories.make_user()
    with open_socket(stack, browse(owner)) as mine, open_socket(stack, browse(stranger)) as theirs:
        session = factories.make_session(owner, model_key="openai:fake")
        told = {"kind": "session", "id": str(session.pk)}
        assert rings(mine, 2) == [told, told]
        cancel_job(job=session.jobs.get())
        assert told in rings(mine, 1)
        with pytest.raises(TimeoutError):
            theirs.recv(timeout=1)


def test_a_change_of_the_queue_is_told_to_all(stack, browse):
    stack.upstream.control("default", HANGING)
    stack.worker.stop()
    owner = factories.make_user()
    for _ in range(3):
        factories.make_session(owner, model_key="openai:fake")
    with open_socket(stack, browse(factories.make_user())) as socket:
        stack.ensure_running()
        assert rings(socket, 1, seconds=30) == [{"kind": "queue"}]


def test_nobody_is_let_in_without_a_login(stack):
    with pytest.raises((InvalidStatus, ConnectionClosed)), open_socket(stack) as socket:
        socket.recv(timeout=5)


def test_a_foreign_origin_is_refused(stack, browse):
    browser = browse(factories.make_user())
    with (
        pytest.raises((InvalidStatus, ConnectionClosed)),
        open_socket(stack, browser, "https://evil.example") as socket,
    ):
        socket.recv(timeout=5)
