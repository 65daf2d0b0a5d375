"""What judgements become in each format, byte for byte the same each time, and what the card says of them."""

from dataclasses import replace

import orjson
import pytest

from medaction.corpus import CorpusError, LeakFinder, Recipe, check_version
from medaction.corpus.build import write_version
from medaction.corpus.files import read_rows
from medaction.corpus.manifest import CARD, ROWS
from medaction.corpus.reviewed import (
    Choice,
    Comparison,
    Correction,
    LabelPolicy,
    Nature,
    Pass,
    ReviewPolicy,
    ReviewSource,
    SetError,
    Step,
    Vote,
    make_pseudonym,
    open_review_set,
)
from medaction.corpus.reviewed.demo import write_demo_set
from medaction.formats.training import FORMATS
from tests.medaction.corpus.reviewed.sets import ASTRAY, RIGHT, WRONG, judge, judged_tree, write_set
from tests.medaction.corpus.runs import some_cases, write_run
from tests.medaction.corpus.test_loading import FORMATTED, load_versions

ALL = {"train": 1.0}
TOLD = {"label_source", "label_policy", "rubric", "review_pass", "raters", "seconds", "judged", "weight"}


def build(reviews, out, name, labels="all", *, benchmark=None, **values):
    policy = ReviewPolicy(LabelPolicy(labels), **values)
    return write_version(ReviewSource(reviews, policy), out, Recipe(name, ALL, review=policy), benchmark=benchmark)


def rows_of(folder):
    return list(read_rows(next((folder / ROWS).iterdir())))


@pytest.fixture
def case():
    return some_cases(1)[0]


@pytest.fixture
def build_one(tmp_path, case):
    """``build_one(judgements, name, labels)``: the rows of a version of one judged tree."""

    def make(judgements, name, labels="all", **values):
        place = len(list(tmp_path.iterdir()))
        reviews = write_set(tmp_path / f"set-{place}", [case], [judged_tree(case, judgements, **values)])
        build(reviews, tmp_path / f"out-{place}", name, labels)
        return rows_of(tmp_path / f"out-{place}")

    return make


def learned(row):
    return [m["content"] for m, loss in zip(row["messages"], row["loss"], strict=True) if loss]


def test_a_row_learns_from_good_turns_up_to_the_first_that_nobody_vouches_for(build_one):
    (row,) = build_one([judge("ada", [1, 0, 1])], "sft")
    assert len(learned(row)) == 2
    assert row["step_labels"] == [1, 0, 1]
    assert (row["raters"], row["seconds"], row["judged"]) == (["ada"], [90], "2026-11")
    assert (row["label_source"], row["rubric"], row["review_pass"]) == ("expert", "steps v1", "second")
    for labels, count in (([1, -1, 1], 1), ([1, None, 1], 1), ([1, 1, -1], 2)):
        (row,) = build_one([judge("ada", labels)], "sft")
        assert len(learned(row)) == count
        assert len(row["messages"]) == 2 + 2 * (count + 1) - 1


def test_two_branches_of_one_rater_teach_their_beginning_once(build_one):
    rows = build_one([judge("ada", [1, 1, 1]), judge("ada", [1, 1], ASTRAY), judge("ben", [1, 1], ASTRAY)], "sft")
    assert [(row["raters"], len(learned(row))) for row in rows] == [(["ada"], 3), (["ada"], 1), (["ben"], 2)]
    assert len({row["id"] for row in rows}) == 3


def test_a_neutral_turn_is_a_sound_step_and_an_inherited_error_no_fault_of_its_own(build_one):
    (row,) = build_one([judge("ada", [1, 0, -1])], "stepwise")
    assert row["labels"] == [True, True, False]
    chain = judge("ada", [], steps={2: Step(-1), 3: Step(-1, inherited=True), 4: Step(1)})
    rows = build_one([chain], "kto")
    assert [(row["label"], row["step_labels"]) for row in rows] == [(False, [-1]), (True, [1])]


def test_votes_make_pairs_and_ties_make_none(build_one):
    one, other = (row["content"] for row in _turns(build_one))

    def votes(*choices):
        said = zip(("ada", "ben", "cleo", "dora"), choices, strict=False)
        votes = tuple(Vote(name, Pass.SECOND, "2026-10", 20, Choice(choice)) for name, choice in said)
        return (Comparison(0, one, other, whole=False, votes=votes),)

    (row,) = build_one([], "dpo", "majority", comparisons=votes("ONE", "ONE", "OTHER", "TIE"))
    assert (row["chosen"][0]["content"], row["rejected"][0]["content"]) == (one, other)
    # Two for it, one against, of three that chose.
    assert row["margin"] == pytest.approx(1 / 3)
    assert (row["raters"], row["scope"]) == (["ada", "ben"], "turn")
    assert len(row["prompt"]) == 4
    (row,) = build_one([], "dpo", "authoritative", comparisons=votes("OTHER", "OTHER"))
    assert (row["chosen"][0]["content"], row["margin"]) == (other, 1.0)
    rows = build_one([], "dpo", "all", comparisons=votes("ONE", "TIE", "OTHER", "BOTH_BAD"))
    assert [row["raters"] for row in rows] == [["ada"], ["cleo"]]
    for policy, told in (("authoritative", ("ONE", "OTHER")), ("majority", ("ONE", "TIE")), ("all", ("BOTH_BAD",))):
        with pytest.raises(CorpusError, match="no row came out as dpo"):
            build_one([], "dpo", policy, comparisons=votes(*told))


def _turns(build_one):
    """The texts of the nodes 1 and 7."""
    (right,) = build_one([judge("ada", [1, 1, 1])], "sft")
    (wrong,) = build_one([judge("ada", [1], WRONG)], "sft")
    return right["messages"][4], wrong["messages"][-1]


def test_a_correction_teaches_what_was_written_and_what_followed(build_one, case):
    correction = Correction("ada", Pass.FIRST, "2026-11", 3, RIGHT, "What stood there before.", {2: 0, 3: 1})
    (row,) = build_one([], "sft", correction=correction)
    assert len(learned(row)) == 2
    assert (row["verdict"], row["step_labels"], row["seconds"]) == ("CORRECTION", [0, 1, None], [None])
    (pair,) = build_one([], "dpo", correction=correction)
    assert pair["chosen"][0]["content"] == learned(row)[0]
    assert pair["rejected"][0]["content"] == "What stood there before."
    assert pair["prompt"] == row["messages"][:6]
    assert pair["scope"] == "correction"
    (steps,) = build_one([], "stepwise", correction=correction)
    assert steps["labels"] == [True, True, True]


def test_a_person_s_own_turn_is_not_learned_but_their_correction_is(tmp_path, case):
    tree = judged_tree(case)
    nodes = tuple(replace(node, sampled=False) for node in tree.nodes)
    correction = Correction("ada", Pass.SECOND, "2026-11", 3, RIGHT, "Before.", {3: 1})
    trees = [
        replace(tree, key="one", nodes=nodes, judgements=(judge("ada", [1, 1, 1]),)),
        replace(tree, key="two", nodes=nodes, correction=correction),
    ]
    reviews = write_set(tmp_path / "set", [case], trees)
    build(reviews, tmp_path / "out", "sft")
    (row,) = rows_of(tmp_path / "out")
    assert (row["verdict"], len(learned(row))) == ("CORRECTION", 1)
    # It was written with the truth known, so it is no judgement of the first pass.
    with pytest.raises(CorpusError, match="no row"):
        build(reviews, tmp_path / "blind", "sft", stage=Pass.FIRST)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A set over four cases, with judgements, votes, and the order of everything drawn by hash."""
    folder = tmp_path_factory.mktemp("demo")
    return write_demo_set(write_run(folder / "run", some_cases(4)), folder / "set")


@pytest.mark.parametrize("labels", LabelPolicy)
def test_a_rebuild_gives_the_same_bytes_in_every_format(demo, tmp_path, labels):
    for name in FORMATS:
        build(demo, tmp_path / f"{name}-one", name, labels)
        assert check_version(tmp_path / f"{name}-one")["faults"] == []
        build(open_review_set(demo.path), tmp_path / f"{name}-two", name, labels)
        for path in (tmp_path / f"{name}-one").rglob("*"):
            if path.is_file():
                twin = tmp_path / f"{name}-two" / path.relative_to(tmp_path / f"{name}-one")
                assert path.read_bytes() == twin.read_bytes(), path


def test_datasets_and_trl_take_every_row(demo, case, tmp_path):
    """Judgements, comparisons, and a correction, of which nobody has measured the seconds."""
    correction = Correction("ada", Pass.FIRST, "2026-11", 3, RIGHT, "Before.", {2: 1, 3: 1})
    trees = [*demo.trees(), judged_tree(case, correction=correction)]
    whole = write_set(tmp_path / "set", list(demo.cases().values()), trees, nature=Nature.DEMO)
    manifests = {name: build(whole, tmp_path / name, name, "weights") for name in FORMATS}
    assert manifests["dpo"]["reviews"]["corrections"] == 1
    loaded = load_versions(tmp_path, manifests)
    for name, told in loaded.items():
        assert told["rows"] == manifests[name]["counts"]["rows"] > 0
        assert told["formatted"] == FORMATTED[name]
        if name != "tree":
            assert set(told["columns"]) >= TOLD


def test_a_tree_row_keeps_what_was_ticked_and_who_it_was_by_pseudonym(build_one):
    ticked = judge("ada", [], steps={2: Step(-1, errors=("unsafe",), harm=2, confidence=4, hindsight=True)})
    (row,) = build_one([ticked], "tree")
    (judged,) = row["judged"]
    assert (judged["leaf"], judged["decided"], judged["raters"]) == (RIGHT, "OWN", ["ada"])
    assert judged["steps"][0] == {
        "turn": 2,
        "label": -1,
        "inherited": False,
        "errors": ["unsafe"],
        "harm": 2,
        "confidence": 4,
        "hindsight": True,
    }
    assert row["verdicts"] == row["branches"] == []


def test_the_card_says_whose_judgements_they_are_and_how_far_they_agree(demo, tmp_path):
    manifest = build(demo, tmp_path / "demo", "sft", "majority")
    card = (tmp_path / "demo" / CARD).read_text(encoding="utf-8")
    assert "No expert has judged anything in it" in card
    assert {row["label_source"] for row in rows_of(tmp_path / "demo")} == {"demo"}
    reviews = manifest["reviews"]
    assert (reviews["raters"], reviews["branches"], reviews["judgements"]) == (3, 12, 36)
    alpha = reviews["agreement"]["alpha_ordinal"]
    assert 0 < alpha["value"] < 1
    assert alpha["interval"][0] < alpha["value"] < alpha["interval"][1]
    assert f"| Krippendorff's alpha, ordinal | {alpha['value']:.2f} |" in card
    assert "| policy | majority:" in card
    assert "demo v1" in card
    assert "DTC" not in card


def test_the_card_says_why_a_figure_is_missing(build_one, tmp_path):
    build_one([judge("ada", [1, 1, 1])], "sft")
    card = next(tmp_path.glob("out-*/README.md")).read_text(encoding="utf-8")
    assert "| Krippendorff's alpha, ordinal | not defined | only one rater |" in card
    assert "The labels are judgements of people" in card


def test_a_case_that_a_benchmark_holds_stays_out(tmp_path):
    cases = some_cases(3)
    trees = [judged_tree(case, [judge("ada", [1, 1, 1])]) for case in cases]
    reviews = write_set(tmp_path / "set", cases, trees)
    manifest = build(reviews, tmp_path / "out", "sft", benchmark=LeakFinder(cases[:1]))
    assert manifest["leaks"]["left_out"] == 1
    assert {row["case"] for row in rows_of(tmp_path / "out")} == {case.id for case in cases[1:]}


def test_nothing_that_counts_is_told_in_words(build_one):
    with pytest.raises(CorpusError, match="no judgement of the set says under this policy what is good"):
        build_one([judge("ada", [-1, -1, -1])], "sft")


def test_a_set_that_was_changed_is_not_read(tmp_path, case):
    write_set(tmp_path / "set", [case], [judged_tree(case, [judge("ada", [1, 1, 1])])])
    with pytest.raises(SetError, match="holds something already"):
        write_set(tmp_path / "set", [case], [])
    with pytest.raises(SetError, match="is no review set"):
        open_review_set(tmp_path)
    path = tmp_path / "set" / "reviews.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"label":1', b'"label":0'))
    with pytest.raises(SetError, match=r"reviews\.jsonl is missing or was changed"):
        open_review_set(tmp_path / "set")
    manifest = tmp_path / "set" / "manifest.json"
    told = orjson.loads(manifest.read_bytes())
    manifest.write_bytes(orjson.dumps({**told, "nature": Nature.EXPERT, "gold": {"ada": {"same": 1, "count": 1}}}))
    with pytest.raises(SetError, match="its fingerprint is another one"):
        open_review_set(tmp_path / "set")


def test_a_pseudonym_is_stable_under_one_salt_and_tells_nothing_under_another():
    one, other = b"1" * 16, b"2" * 16
    assert make_pseudonym(one, "7") == make_pseudonym(one, "7") != make_pseudonym(one, "8")
    assert make_pseudonym(one, "7") != make_pseudonym(other, "7")
