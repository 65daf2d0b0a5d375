"""MedR-Bench's settings: how many turns, what is told, in which words; with a file of its shape that we wrote."""

import json
from pathlib import Path

import pytest

from medaction.bench import BenchSettings, bench_case
from medaction.bench.protocols import PROTOCOLS, follow_protocol
from medaction.bench.run import describe_run
from medaction.distill.policies.catalogue import open_chat
from medaction.distill.policies.headed import HEADED, HEADED_SETTINGS
from medaction.distill.policies.kg import KgPolicy
from medaction.distill.policies.teachers import Teachers
from medaction.domain.case import Case
from medaction.domain.headed import MISS, headed_hash
from medaction.formats.readers import read_cases
from medaction.knowledge import KnowledgeGraph, open_graph
from tests.fake_upstream import FakeUpstream
from tests.medaction.cli.conftest import says
from tests.medaction.domain.test_headed import ASKING, ENDING
from tests.medaction.formats.test_medrbench import ENTRY


@pytest.fixture(scope="module")
def graph(request: pytest.FixtureRequest) -> KnowledgeGraph:
    return open_graph(request.config.cache.mkdir("knowledge"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "diagnosis_2_cases.json"
    path.write_text(json.dumps({"PMC1": ENTRY}), encoding="utf-8")
    return path


@pytest.fixture
def case(file: Path) -> Case:
    (row,) = read_cases(file)
    assert row.case is not None
    return row.case


async def ask(server: FakeUpstream, case: Case, graph: KnowledgeGraph, protocol: str, *answers: str) -> dict:
    server.queue.extend(map(says, answers))
    policy = open_chat("fake", server.url, settings=HEADED_SETTINGS, dialect=HEADED)
    try:
        return await bench_case(case, policy, graph, follow_protocol(protocol, BenchSettings()))
    finally:
        await policy.aclose()


def prompts(server: FakeUpstream) -> list[list[dict]]:
    return [record.body["messages"] for record in server.log]


async def test_one_turn_asks_once_and_then_diagnoses(graph: KnowledgeGraph, case: Case) -> None:
    async with FakeUpstream() as server:
        record = await ask(server, case, graph, "medrbench-1turn", ASKING, ENDING)
        assert (record["turns"], record["given"], record["rank"]) == (2, "Squamous cell carcinoma of the lung", 1)
        assert record["orders"] == 5, "more than our own three tests a turn"
        first, second = prompts(server)
        assert second[: len(first)] == first
        assert "3.1 mmol/L" in second[-1]["content"]
        assert MISS in second[-1]["content"]
        assert "Nothing more can be asked for" in second[-1]["content"]
        assert "response_format" not in server.log[0].body


async def test_free_turns_end_after_five(graph: KnowledgeGraph, case: Case) -> None:
    async with FakeUpstream() as server:
        record = await ask(server, case, graph, "medrbench-free", *[ASKING] * 5)
        assert (record["turns"], record["given"]) == (5, "Lung cancer - most likely")
        assert len(server.log) == 5
        assert record["verdict"] != "same"


async def test_free_turns_may_end_at_once(graph: KnowledgeGraph, case: Case) -> None:
    async with FakeUpstream() as server:
        record = await ask(server, case, graph, "medrbench-free", ENDING)
        assert (record["turns"], record["rank"], record["orders"]) == (1, 1, 0)


async def test_the_oracle_setting_tells_everything_in_one_message(graph: KnowledgeGraph, case: Case) -> None:
    async with FakeUpstream() as server:
        record = await ask(server, case, graph, "medrbench-oracle", ENDING)
        assert (record["turns"], record["rank"], record["static"]) == (1, 1, True)
        ((_, user),) = prompts(server)
        for item in case.menu:
            assert item.result in user["content"]
        assert case.diagnosis.text not in user["content"]


async def test_an_unreadable_answer_is_asked_for_once_more_and_then_counted(graph: KnowledgeGraph, case: Case) -> None:
    async with FakeUpstream() as server:
        record = await ask(server, case, graph, "medrbench-1turn", "Hm.", ENDING)
        assert (record["format_failures"], record["rank"], record["turns"]) == (0, 1, 1)
        assert "under these headings" in prompts(server)[1][-1]["content"]
        record = await ask(server, case, graph, "medrbench-1turn", *["Hm."] * 4)
        assert (record["format_failures"], record["given"], record["rank"]) == (2, None, None)


@pytest.mark.parametrize("protocol", ["medrbench-1turn", "medrbench-free", "medrbench-oracle"])
async def test_any_policy_follows_them(graph: KnowledgeGraph, case: Case, protocol: str) -> None:
    settings = follow_protocol(protocol, BenchSettings())
    record = await bench_case(case, KgPolicy(graph), graph, settings)
    assert record["given"]
    assert record["turns"] <= settings.horizon
    assert describe_run(graph, settings)["prompt"] == headed_hash()
    assert describe_run(graph, settings)["protocol"] == protocol


def test_a_protocol_decides_its_own_turns() -> None:
    for settings in (BenchSettings(static=True), BenchSettings(horizon=9), BenchSettings(menu_visible=True)):
        with pytest.raises(ValueError, match="decides turns"):
            follow_protocol("medrbench-free", settings)
        assert follow_protocol("medaction", settings) == settings
    with pytest.raises(ValueError, match="there is no protocol"):
        follow_protocol("medrbench", BenchSettings())
    assert all("not comparable" in protocol.what for protocol in PROTOCOLS.values() if protocol.headed)


def test_the_dialect_is_part_of_what_decides_a_run() -> None:
    chat = {"model": "m", "base_url": "http://127.0.0.1:9/v1"}
    ours, theirs = (Teachers((("chat", 1.0),), headed=headed, **chat).describe() for headed in (False, True))
    assert theirs["settings"]["chat"]["dialect"] == "headed"
    assert "dialect" not in ours["settings"]["chat"]
