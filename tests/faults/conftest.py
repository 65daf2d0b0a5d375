"""Starting from a walkthrough that the fake upstream answers slowly enough to be disturbed."""

from uuid import uuid4

import pytest

from diagnosis.models import GenerationJob
from diagnosis.services import start_session
from tests.diagnosis import factories
from tests.stack.processes import wait_until

SLOW = {"mode": "normal", "tokens": 120, "tps": 30.0, "shape": "turn", "after": 10, "delay": 0.0}


class Scene:
    """One walkthrough with the browser of its owner."""

    def __init__(self, stack, browse) -> None:
        self.stack = stack
        self.owner = factories.make_user()
        self.browser = browse(self.owner)
        self.session = None

    def upstream(self, **answer) -> None:
        self.stack.upstream.control("default", {**SLOW, **answer})

    def start(self, model_key: str = "openai:fake") -> GenerationJob:
        """Start a walkthrough in this process; the workers of the stack take it."""
        case = factories.make_case()
        self.session = start_session(owner=self.owner, case=case, model_key=model_key, idempotency_key=str(uuid4()))
        return self.session.jobs.get()

    def job(self, job) -> GenerationJob:
        return GenerationJob.objects.get(pk=job.pk)

    def wait_for(self, job, *states: str, seconds: float = 30) -> float:
        return wait_until(
            lambda: self.job(job).state in states,
            seconds=seconds,
            what=f"{' or '.join(states)}, it is {self.job(job).state}",
            detail=self.stack.logs,
        )

    def wait_for_words(self, job, seconds: float = 15) -> None:
        """Until part of the answer is checkpointed: the model is in mid-sentence."""
        wait_until(lambda: len(self.job(job).partial_text) > 30, seconds=seconds, what="words", detail=self.stack.logs)

    def stored_text(self, job) -> str:
        job = self.job(job)
        assert job.state == "SUCCEEDED", (job.state, job.error_code, job.error_message)
        return self.session.trajectory.nodes.get(seq=job.node_seq).content["text"]

    def calls(self) -> list[dict]:
        return [entry for entry in self.stack.upstream.log() if entry["path"].endswith("completions")]


@pytest.fixture
def scene(stack, browse):
    made = Scene(stack, browse)
    made.upstream()
    return made
