"""The hard benchmark: which cases are chosen, how they are frozen, and that training leaves them alone."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from shutil import copy

import orjson
import pytest

from medaction.bench.hard import REFERENCES, HardRule, MiningError, Tried, choose_hard, mine_hard
from medaction.bench.hard.systems import Strata
from medaction.corpus import LeakFinder
from medaction.corpus.leaks import LeakKind
from medaction.domain.case import Diagnosis
from medaction.formats.frozen import CASES, LIST, FrozenError, freeze_cases, is_frozen, open_frozen
from medaction.formats.own_jsonl import write_own_jsonl
from medaction.formats.teaching import load_teaching_cases
from medaction.knowledge import KnowledgeGraph, open_graph
from tests.medaction.cli.conftest import Invoke
from tests.medaction.corpus.runs import some_cases, write_run
from tests.medaction.distill.small_cases import make_case

FAILED = {reference.name: False for reference in REFERENCES}


@pytest.fixture(scope="module")
def graph(request: pytest.FixtureRequest) -> KnowledgeGraph:
    return open_graph(request.config.cache.mkdir("knowledge"))


def tried(number: int, **changes) -> Tried:
    one = Tried(f"c{number}", f"{number:064x}", f"g{number}", "made", "renal", f"D:{number}", FAILED, 3)
    return replace(one, **changes)


def test_systems_take_turns_and_a_disease_comes_seldom() -> None:
    many = [tried(n, disease="D:one") for n in range(40)]
    others = [tried(n, system="respiratory") for n in range(40, 43)]
    more = [tried(n) for n in range(50, 60)]
    chosen, left_out = choose_hard([*many, *others, *more], HardRule(most=9, per_disease=2))
    assert len(chosen) == 9
    assert Counter(one.system for one in chosen) == {"renal": 6, "respiratory": 3}
    assert [one.system for one in chosen[:6]] == ["renal", "respiratory"] * 3
    assert Counter(one.disease for one in chosen)["D:one"] <= 2
    assert sum(left_out.values()) == 53 - 9


def test_the_order_of_the_cases_decides_nothing_and_the_seed_does() -> None:
    some = [tried(n, system=("renal", "skin")[n % 2]) for n in range(60)]
    rule = HardRule(most=20)
    chosen, _ = choose_hard(some, rule)
    assert choose_hard(reversed(some), rule)[0] == chosen
    assert choose_hard(some, replace(rule, seed=1))[0] != chosen


def test_one_of_a_group_and_the_same_content_once() -> None:
    twins = [tried(1), tried(2, group="g1"), tried(3), tried(3, id="again")]
    chosen, left_out = choose_hard(twins, HardRule())
    assert len(chosen) == 2
    assert left_out == {"same group": 1}


def test_those_that_fewer_solve_come_first() -> None:
    some = [tried(n, right={**FAILED, "random@1": n % 2 == 0}) for n in range(10)]
    chosen, left_out = choose_hard(some, HardRule(most=7, right_at_most=1))
    assert [one.solved for one in chosen] == [0] * 5 + [1] * 2
    assert left_out == {"enough": 3}
    chosen, left_out = choose_hard(some, HardRule())
    assert [one.solved for one in chosen] == [0] * 5
    assert left_out == {"solved": 5}


@pytest.mark.parametrize(
    ("lint", "rank", "reason"),
    [
        (("NO_REACHABLE_FINDING",), None, "unsolvable"),
        (("UNRESOLVED_DIAGNOSIS",), None, "unsolvable"),
        (("NO_REACHABLE_FINDING",), 4, None),
        ((), None, None),
        (("DIAGNOSIS_IN_O1",), 1, "given away"),
        (("DIAGNOSIS_IN_RESULT",), None, "given away"),
        (("FEW_ITEMS",), 2, None),
    ],
)
def test_what_nobody_could_solve_is_left_out(lint: tuple[str, ...], rank: int | None, reason: str | None) -> None:
    chosen, left_out = choose_hard([tried(1, lint=lint, static_rank=rank)], HardRule())
    assert left_out == ({reason: 1} if reason else {})
    assert len(chosen) == (not reason)


def test_system_and_disease_are_those_of_the_concept(graph: KnowledgeGraph) -> None:
    strata = Strata(graph)
    case = make_case()
    assert strata.of(case)[0] in {"cardiovascular", "respiratory"}
    assert strata.of(replace(case, diagnosis=Diagnosis("PE"))) == strata.of(case)
    marfan = replace(case, diagnosis=Diagnosis("Marfan syndrome", concept_ids=("OMIM:154700",)))
    assert strata.of(marfan)[1] != strata.of(case)[1]
    rare = next(
        concept
        for number in range(len(graph.arrays["concept_kinds"]))
        if (concept := graph.at(number)).vocabulary == "OMIM" and not graph.card(concept) and graph.edges_of(concept)
    )
    known = replace(case, specialty="genetics", diagnosis=Diagnosis(rare.name, concept_ids=(rare.id,)))
    assert strata.of(known)[0] != "genetics"
    assert strata.of(replace(case, specialty="x", diagnosis=Diagnosis("Zorgon's lurgy"))) == ("x", "zorgon lurgy")


def test_mining_stops_goes_on_and_freezes(graph: KnowledgeGraph, cache: Path, tmp_path: Path) -> None:
    failing = [replace(make_case(truth="Gout"), id=f"gout-{n}", group_key=f"gout-{n}") for n in range(3)]
    cases = [make_case(), *failing]
    count = 0

    def stop() -> None:
        nonlocal count
        count += 1
        if count == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mine_hard(cases, tmp_path / "one", graph, HardRule(), cache=cache, on_tried=stop)
    assert not is_frozen(tmp_path / "one")
    with pytest.raises(MiningError, match="begun otherwise"):
        mine_hard(cases, tmp_path / "one", graph, HardRule(seed=4), cache=cache)
    began: list[int] = []
    report = mine_hard(cases, tmp_path / "one", graph, HardRule(), cache=cache, on_begin=began.append)
    assert began == [2]
    assert (report["n"], report["tried"]) == (2, 4)
    assert report["left_out"] == {"same disease": 1, "solved": 1}
    assert report["graph"] == graph.hash
    frozen = open_frozen(tmp_path / "one")
    assert {case.diagnosis.text for case in frozen.load()} == {"Gout"}
    assert frozen.manifest["rule"]["without_own_paper"] is True
    assert "Breathless" not in (tmp_path / "one" / LIST).read_text(), "the list holds no words of a case"
    first = orjson.loads((tmp_path / "one" / "tried.jsonl").read_bytes().splitlines()[0])
    assert first["right"] == {"kg": True}, "what kg solves is not tried by the rest"
    (tmp_path / "two").mkdir()
    for name in ("mining.json", "tried.jsonl"):
        copy(tmp_path / "one" / name, tmp_path / "two" / name)
    assert mine_hard(cases, tmp_path / "two", graph, HardRule(), cache=cache)["hash"] == frozen.hash
    with pytest.raises(FrozenError, match="frozen already"):
        mine_hard(cases, tmp_path / "one", graph, HardRule(), cache=cache)


def freeze(folder: Path, count: int = 3) -> Path:
    folder.mkdir()
    cases = some_cases(count)
    freeze_cases(folder, cases, [{"solved": 0} for _ in cases], {"what": "a test"})
    return folder


def test_a_change_to_list_or_cases_is_seen(tmp_path: Path) -> None:
    folder = freeze(tmp_path / "hard")
    kept = (folder / LIST).read_bytes()
    (folder / LIST).write_bytes(kept.replace(b'"solved": 0', b'"solved": 1', 1))
    with pytest.raises(FrozenError, match="changed after it was frozen"):
        open_frozen(folder)
    (folder / LIST).write_bytes(kept)
    for cases in (some_cases(2), [*some_cases(2), replace(some_cases(3)[2], title="Another title")], some_cases(4)):
        write_own_jsonl(cases, folder / CASES)
        with pytest.raises(FrozenError, match="not what was frozen"):
            open_frozen(folder).load()
    (folder / CASES).unlink()
    with pytest.raises(FrozenError, match="missing"):
        open_frozen(folder).load()


def test_a_list_alone_keeps_out_groups_and_contents() -> None:
    one, two, three = load_teaching_cases()[:3]
    finder = LeakFinder((), listed=[(one.id, one.group_key, one.content_hash), ("other", two.group_key, "0" * 64)])
    assert len(finder) == 2
    assert finder.find(one).kind is LeakKind.CONTENT
    assert finder.find(two).kind is LeakKind.GROUP
    assert finder.find(three) is None


@pytest.mark.parametrize("with_cases", [True, False])
def test_training_data_leave_its_groups_out(invoke: Invoke, tmp_path: Path, with_cases: bool) -> None:
    folder = freeze(tmp_path / "hard", 2)
    if not with_cases:
        (folder / CASES).unlink()
    run = write_run(tmp_path / "run", some_cases(5))
    built = ("dataset", "build", "--runs", str(run.path), "--json", "--out")
    leaky = json.loads(invoke(*built, str(tmp_path / "leaky")).stdout)
    assert leaky["leaks"]["left_out"] == 0
    told = invoke("bench", "check-hard", str(folder), "--dataset", str(tmp_path / "leaky"), "--json", code=1)
    assert [len(groups) for groups in json.loads(told.stdout)["shared_groups"].values()] == [2]
    clean = json.loads(invoke(*built, str(tmp_path / "clean"), "--benchmark", str(folder)).stdout)
    assert clean["leaks"]["left_out"] == 2
    told = invoke("bench", "check-hard", str(folder), "--dataset", str(tmp_path / "clean"), "--json")
    assert json.loads(told.stdout)["cases_checked"] is with_cases
    shown = invoke(
        "dataset", "check", str(tmp_path / "leaky"), "--benchmark", str(folder), "--runs", str(run.path), code=1
    )
    assert "is also" in shown.output


def test_a_folder_that_is_no_benchmark_says_what_makes_one(invoke: Invoke, tmp_path: Path) -> None:
    assert "cannot be read" in invoke("bench", "check-hard", str(tmp_path), code=1).output
    (tmp_path / LIST).write_text("{}", encoding="utf-8")
    assert "mine-hard` makes one" in invoke("bench", "check-hard", str(tmp_path), code=1).output


def test_runs_made_before_count_as_references(invoke: Invoke, case_file: Path, tmp_path: Path) -> None:
    run = str(tmp_path / "run")
    invoke("bench", "run", "--policy", "kg", "--cases", str(case_file), "--out", run)
    mine = ("bench", "mine-hard", "--cases", str(case_file), "--out")
    told = invoke(*mine, str(tmp_path / "hard"), "--runs", run, code=1)
    assert "no case is left" in told.output
    (line,) = (tmp_path / "hard" / "tried.jsonl").read_text().splitlines()
    (name,) = json.loads(line)["right"]
    assert name.startswith("Knowledge-graph policy")
    assert json.loads((tmp_path / "hard" / "mining.json").read_bytes())["further_runs"][0]["policy"]["name"] == "kg"
    assert "no benchmark run" in invoke(*mine, str(tmp_path / "other"), "--runs", str(tmp_path), code=1).output
