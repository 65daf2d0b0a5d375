"""A model as a teacher: siblings asked for together, repaired once, counted in tokens, over real HTTP."""

import asyncio

import pytest

from medaction.distill.growing import grow_case
from medaction.distill.policies.catalogue import open_chat
from medaction.distill.policies.chat import ChatPolicy
from medaction.distill.policies.policy import View
from medaction.distill.shape import GrowthConfig, TreeShape
from medaction.domain.environment import Environment
from medaction.inference.errors import ModelError
from medaction.inference.scripted import ScriptedModel
from tests.fake_upstream import Answer, FakeUpstream
from tests.medaction.distill.small_cases import make_case

VIEW = View(Environment(make_case()).reset())


async def test_siblings_are_asked_for_together_with_one_prompt_and_seeds_of_their_own() -> None:
    async with FakeUpstream(Answer(tps=200, tokens=30, delay=0.1)) as upstream:
        policy = open_chat("fake", upstream.url)
        replies = await policy.propose(VIEW, 3, 11, 0.7)
        await policy.aclose()
    assert len(replies) == 3
    assert all(reply.turn.valid for reply in replies)
    assert max(record.at for record in upstream.log) < min(record.ended_at or 0 for record in upstream.log)
    assert sorted(record.body["seed"] for record in upstream.log) == [11, 12, 13]
    assert {record.body["temperature"] for record in upstream.log} == {0.7}
    # What is shared is shared to the byte.
    assert len({str(record.body["messages"]) for record in upstream.log}) == 1


async def test_a_broken_answer_is_asked_for_again_and_kept() -> None:
    async with FakeUpstream(Answer(tps=0, tokens=5)) as upstream:
        upstream.queue.append(Answer(tps=0, tokens=5, shape="lorem"))
        policy = open_chat("fake", upstream.url)
        reply = (await policy.propose(VIEW, 1, 0, 0.9))[0]
        await policy.aclose()
    assert reply.turn.valid
    assert reply.rejected
    assert reply.usage is not None
    assert reply.usage.completion_tokens > 5
    assert len(upstream.log) == 2


async def test_a_broken_server_is_one_error_and_leaves_no_request_behind() -> None:
    async with FakeUpstream(Answer(tps=0, mode="garbage")) as upstream:
        policy = open_chat("fake", upstream.url)
        with pytest.raises(ModelError):
            await policy.propose(VIEW, 3, 0, 0.9)
        await policy.aclose()
        await asyncio.sleep(0.05)
        assert upstream.live == 0


async def test_a_tree_counts_what_the_server_counted() -> None:
    async with FakeUpstream(Answer(tps=0, tokens=20)) as upstream:
        policy = open_chat("fake", upstream.url)
        record = await grow_case(make_case(), policy, GrowthConfig(TreeShape(root=2)))
        await policy.aclose()
    # The fake says the same to the same messages, so siblings are merged and one branch is left.
    assert record.policy == "fake"
    assert record.usage["merged"] == record.usage["turns"] - len(next(record.branches())[1]) // 2
    assert record.usage["prompt_tokens"] > record.usage["completion_tokens"] > 20
    assert record.usage["turns"] == len(upstream.log)


async def test_a_script_grows_one_branch() -> None:
    record = await grow_case(make_case(), ChatPolicy(ScriptedModel.load("walk@0")))
    assert len([*record.branches()]) == 1
    record.tree().verify()
