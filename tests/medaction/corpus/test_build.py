"""A version from runs: what goes in, how it is split, that a rebuild is the same, that nothing is half-written."""

import pytest

from medaction.corpus import CorpusError, LeakFinder, Recipe, build_version, check_version
from medaction.corpus.files import read_rows
from medaction.corpus.manifest import CARD, MANIFEST, ROWS
from medaction.corpus.splitting import assign_split
from medaction.domain.prompt import EXAMPLE
from medaction.formats.training import FORMATS

from .runs import some_cases, write_run

ALL = {"train": 1.0}


def rows_of(folder, manifest):
    return [row for about in manifest["splits"].values() for row in read_rows(folder / ROWS / about["file"])]


@pytest.fixture
def run(tmp_path):
    return write_run(tmp_path / "run", some_cases(6))


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "dpo"])
def test_every_format_is_written_checked_and_rebuilt_byte_for_byte(run, tmp_path, name):
    recipe = Recipe(name)
    manifest = build_version([run], tmp_path / "one", recipe)
    assert check_version(tmp_path / "one") == {
        "ok": True,
        "rows": manifest["counts"]["rows"],
        "faults": [],
        "hash": manifest["hash"],
    }
    assert manifest["counts"]["rows"] == len(rows_of(tmp_path / "one", manifest)) > 0
    build_version([run], tmp_path / "two", recipe)
    for path in sorted((tmp_path / "one").rglob("*")):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes()


def test_a_row_of_sft_learns_each_turn_once_and_never_the_example(run, tmp_path):
    manifest = build_version([run], tmp_path / "out", Recipe("sft", ALL))
    rows = rows_of(tmp_path / "out", manifest)
    # The truncated branch keeps one turn, which the retained one has taught already: no row of its own.
    assert len(rows) == 6
    for row in rows:
        learned = [m["content"] for m, loss in zip(row["messages"], row["loss"], strict=True) if loss]
        assert len(learned) == 3
        assert EXAMPLE[1]["content"] not in learned
        assert row["verdict"] == "RETAINED"
        assert row["licence"]


def test_the_messages_are_those_that_the_model_is_asked_with(run, tmp_path):
    """The last user message of a branch's third turn holds the second order's result."""
    manifest = build_version([run], tmp_path / "out", Recipe("sft", ALL))
    case = run.cases()[rows_of(tmp_path / "out", manifest)[0]["case"]]
    asked = rows_of(tmp_path / "out", manifest)[0]["messages"][-2]["content"]
    assert asked.startswith(f"[r3.1] {case.menu[1].name}: RESULT")
    assert asked.endswith("Turn 3.")


def test_stepwise_ends_with_the_first_fault(run, tmp_path):
    manifest = build_version([run], tmp_path / "out", Recipe("stepwise", ALL))
    labels = sorted(row["labels"] for row in rows_of(tmp_path / "out", manifest))
    assert labels == sorted([[True, True, True], [True, False], [False]] * 6)


def test_kto_judges_a_shared_turn_once(run, tmp_path):
    manifest = build_version([run], tmp_path / "out", Recipe("kto", ALL))
    rows = rows_of(tmp_path / "out", manifest)
    assert len(rows) == 5 * 6
    assert sum(row["label"] for row in rows) == 3 * 6


def test_a_tree_row_keeps_the_rejected_branches(run, tmp_path):
    manifest = build_version([run], tmp_path / "out", Recipe("tree", ALL))
    row = rows_of(tmp_path / "out", manifest)[0]
    assert [verdict["verdict"] for verdict in row["verdicts"]] == ["RETAINED", "TRUNCATED", "REJECTED"]


def test_counts_and_card(run, tmp_path):
    manifest = build_version([run], tmp_path / "out", Recipe("sft"))
    assert manifest["counts"]["cases"] == manifest["counts"]["synthetic_cases"] == 6
    assert manifest["counts"]["branches"] == 18
    assert manifest["counts"]["turns_per_branch"] == 2.0
    assert manifest["verdicts"] == {"by-hand": {"REJECTED": 6, "RETAINED": 6, "TRUNCATED": 6}}
    assert manifest["metrics"]["coverage"] == 0.75
    assert sum(about["cases"] for about in manifest["licences"].values()) == 6
    card = (tmp_path / "out" / CARD).read_text()
    assert "Not for patient care" in card
    assert "own operationalisation" in card
    assert manifest["splits"]["train"]["sha256"][:16] in card


def test_a_group_never_straddles_splits():
    splits = {"train": 0.5, "validation": 0.25, "test": 0.25}
    assigned = [assign_split(f"group-{number}", splits, 7) for number in range(4000)]
    assert assigned == [assign_split(f"group-{number}", splits, 7) for number in range(4000)]
    assert abs(assigned.count("train") / 4000 - 0.5) < 0.03
    assert abs(assigned.count("test") / 4000 - 0.25) < 0.03
    assert assigned != [assign_split(f"group-{number}", splits, 8) for number in range(4000)]


def test_two_runs_of_the_same_cases_make_one_version_whatever_their_order(tmp_path):
    cases = some_cases(3)
    one, two = write_run(tmp_path / "a", cases, seed=1), write_run(tmp_path / "b", cases, seed=2)
    first = build_version([one, two], tmp_path / "x", Recipe("tree", ALL))
    second = build_version([two, one], tmp_path / "y", Recipe("tree", ALL))
    assert first == second
    assert first["counts"]["trees"] == 6
    assert check_version(tmp_path / "x")["ok"]


def test_what_a_benchmark_holds_stays_out(run, tmp_path):
    cases = list(run.cases().values())
    manifest = build_version([run], tmp_path / "out", Recipe("sft"), benchmark=LeakFinder(cases[:2]))
    assert manifest["leaks"]["left_out"] == 2
    assert {leak["case"] for leak in manifest["leaks"]["cases"]} == {case.id for case in cases[:2]}
    assert {row["case"] for row in rows_of(tmp_path / "out", manifest)} == {case.id for case in cases[2:]}


def test_a_run_that_is_not_pruned_says_what_to_do(tmp_path):
    run = write_run(tmp_path / "run", some_cases(2), pruned=False)
    with pytest.raises(CorpusError, match="distill prune"):
        build_version([run], tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["run"], "nothing is left half-written"


def test_an_empty_selection_and_an_existing_folder_are_refused(run, tmp_path):
    with pytest.raises(CorpusError, match="no row came out"):
        build_version([run], tmp_path / "out", Recipe(policies=("someone else",)))
    (tmp_path / "taken").mkdir()
    with pytest.raises(CorpusError, match="exists already"):
        build_version([run], tmp_path / "taken")
    with pytest.raises(CorpusError, match="twice"):
        build_version([run, run], tmp_path / "out")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"format": "xml"}, "no format"),
        ({"splits": {"train": 0.9}}, "sum to 0.9"),
        ({"splits": {"train": 1.0, "test": 0.0}}, "share above 0"),
        ({"splits": {"../up": 1.0}}, "letters"),
        ({"near": 1.5}, "likeness"),
    ],
)
def test_wrong_recipes_are_refused(wrong, told):
    with pytest.raises(CorpusError, match=told):
        Recipe(**wrong)


def test_one_changed_byte_is_found(run, tmp_path):
    manifest = build_version([run], tmp_path / "out", Recipe("sft", ALL))
    path = tmp_path / "out" / ROWS / manifest["splits"]["train"]["file"]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    report = check_version(tmp_path / "out")
    assert not report["ok"]
    assert "was changed" in report["faults"][0]
    told = tmp_path / "out" / MANIFEST
    told.write_text(told.read_text().replace('"seed": 0', '"seed": 1'))
    with pytest.raises(CorpusError, match="was changed"):
        check_version(tmp_path / "out")
