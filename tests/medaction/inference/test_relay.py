"""A policy that relays: another server's stream passes through, its faults too, and who goes away ends it there."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import httpx
import pytest

from medaction.inference.errors import ErrorCode, ModelError
from medaction.inference.openai_compatible import NO_ADAPTER, OpenAICompatibleModel
from medaction.inference.policy_server import PolicyServer, PolicyServerSettings, ServedPolicy, UnanswerableError
from medaction.inference.port import ChatRequest, Delta
from tests.fake_upstream import Answer, FakeUpstream

MESSAGES = [{"role": "user", "content": "[o1.1] A man coughs."}]
SCHEMA = {"type": "object"}


async def echo(messages: object) -> str:
    return "the policy"


def serve(model: OpenAICompatibleModel) -> PolicyServer:
    async def relay(request: ChatRequest) -> AsyncGenerator[Delta, None]:
        if request.messages[0]["content"] == "nothing":
            raise UnanswerableError("There is no case.")
        async with aclosing(model.stream(ChatRequest(request.messages, json_schema=request.json_schema))) as deltas:
            async for delta in deltas:
                yield delta

    policies = [ServedPolicy("kg", "A policy", answer=echo), ServedPolicy("helped", "A helped model", relay=relay)]
    return PolicyServer(policies, PolicyServerSettings(tokens_per_second=0))


async def read(model: OpenAICompatibleModel, request: ChatRequest) -> tuple[str, list[Delta]]:
    deltas = [delta async for delta in model.stream(request)]
    return "".join(delta.text for delta in deltas), deltas


async def test_each_model_is_asked_by_its_name_and_the_schema_goes_on() -> None:
    async with FakeUpstream(Answer(tps=0, tokens=20)) as upstream:
        behind = OpenAICompatibleModel(base_url=upstream.url, name="small")
        async with serve(behind).running() as url:
            texts = {}
            for name in ("kg", "helped"):
                model = OpenAICompatibleModel(base_url=url, name=name)
                texts[name], deltas = await read(model, ChatRequest(MESSAGES, json_schema=SCHEMA))
                assert [delta.finish_reason for delta in deltas if delta.finish_reason] == ["stop"]
                assert await model.list_models() == ["kg", "helped"]
                await model.aclose()
        straight, _ = await read(behind, ChatRequest(MESSAGES))
        await behind.aclose()
    assert texts == {"kg": "the policy", "helped": straight}
    assert [r.body["model"] for r in upstream.log] == ["small", "small"]
    assert upstream.log[0].body["response_format"]["json_schema"]["schema"] == SCHEMA


async def test_an_unknown_name_is_refused_with_the_names_that_exist() -> None:
    behind = OpenAICompatibleModel(base_url="http://127.0.0.1:9")
    async with serve(behind).running() as url:
        with pytest.raises(ModelError, match="kg, helped"):
            await read(OpenAICompatibleModel(base_url=url, name="other"), ChatRequest(MESSAGES))
    await behind.aclose()


async def test_stop_ends_the_generation_upstream() -> None:
    async with FakeUpstream(Answer(tps=20, tokens=400)) as upstream:
        behind = OpenAICompatibleModel(base_url=upstream.url)
        async with serve(behind).running() as url:
            model = OpenAICompatibleModel(base_url=url, name="helped")
            stream = model.stream(ChatRequest(MESSAGES))
            assert await anext(stream)
            assert upstream.live == 1
            await stream.aclose()
            for _ in range(100):
                if not upstream.live:
                    break
                await asyncio.sleep(0.02)
            assert upstream.live == 0
            await model.aclose()
        await behind.aclose()


async def test_a_model_that_is_not_there_is_one_error_and_what_cannot_be_read_another() -> None:
    behind = OpenAICompatibleModel(base_url="http://127.0.0.1:9")
    async with serve(behind).running() as url:
        model = OpenAICompatibleModel(base_url=url, name="helped")
        with pytest.raises(ModelError, match="cannot be reached") as caught:
            await read(model, ChatRequest(MESSAGES))
        assert caught.value.retryable
        with pytest.raises(ModelError, match="There is no case"):
            await read(model, ChatRequest([{"role": "user", "content": "nothing"}]))
        await model.aclose()
    await behind.aclose()


async def test_a_stream_that_breaks_off_says_so_and_is_never_a_shorter_answer() -> None:
    async with FakeUpstream(Answer(tps=0, tokens=20, mode="cut")) as upstream:
        behind = OpenAICompatibleModel(base_url=upstream.url)
        async with serve(behind).running() as url:
            model = OpenAICompatibleModel(base_url=url, name="helped")
            with pytest.raises(ModelError):
                await read(model, ChatRequest(MESSAGES))
            await model.aclose()
        await behind.aclose()


async def test_whole_answers_pass_through_too() -> None:
    async with FakeUpstream(Answer(tps=0, tokens=20)) as upstream:
        behind = OpenAICompatibleModel(base_url=upstream.url)
        async with serve(behind).running() as url, httpx.AsyncClient() as client:
            body = {"model": "helped", "messages": MESSAGES}
            document = (await client.post(f"{url}/chat/completions", json=body)).json()
            assert document["choices"][0]["message"]["content"]
            assert document["choices"][0]["finish_reason"] == "stop"
        await behind.aclose()


async def test_an_adapter_that_the_server_has_not_is_an_error() -> None:
    async with FakeUpstream(Answer()) as upstream:
        model = OpenAICompatibleModel(base_url=upstream.url, name="small", adapter="smollm2-assisted")
        with pytest.raises(ModelError) as caught:
            await read(model, ChatRequest(MESSAGES))
        assert caught.value.code in (ErrorCode.UNKNOWN_MODEL, ErrorCode.HTTP_STATUS)
        assert not upstream.log
        await model.aclose()


async def test_a_server_without_adapters_is_asked_plainly() -> None:
    async with FakeUpstream(Answer(tps=0, tokens=20)) as upstream:
        model = OpenAICompatibleModel(base_url=upstream.url, name="small", adapter=NO_ADAPTER)
        text, _ = await read(model, ChatRequest(MESSAGES))
        await model.aclose()
    assert text
    assert "lora" not in upstream.log[0].body
