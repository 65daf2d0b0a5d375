"""Figures of agreement, from what reviewers said: against the reference package, and where nothing can be told."""

import csv
from datetime import date, timedelta
from io import StringIO
from math import isfinite

import krippendorff
import numpy as np
import pytest

from review.figures import COLUMNS, Judgement, Table, build_report, list_asked, list_rows, read_table, step_of
from review.figures.report import Known
from review.rules import RubricContent, load_shipped

CONTENT = load_shipped()
NOTHING = Known({}, {}, {})
DAY = date(2026, 3, 2)
TURNS = (2, 3, 4)


def said(labels, *, whole=None, day=DAY, turns=TURNS, **each):
    """Stored labels; what is named in ``each`` is said of every turn."""
    found = {str(number): {"label": label, **each} for number, label in zip(turns, labels, strict=True)}
    return {"turns": found, "trajectory": {"answers": whole or {}}}


def judge(item, rater, labels, *, group=None, day=DAY, turns=TURNS, **each) -> Judgement:
    return Judgement(item, item if group is None else group, rater, day, turns, said(labels, turns=turns, **each))


def report(second, *, first=None, gold=(), known=NOTHING, content: RubricContent = CONTENT):
    tables = [read_table(each, content) for each in (first if first is not None else second, second, gold)]
    return build_report(*tables, known, content)


def question(found, name="label"):
    return next(each for each in found["questions"] if each["id"] == name)


def numbers_of(value) -> list[float]:
    if isinstance(value, dict):
        return [each for part in value.values() for each in numbers_of(part)]
    if isinstance(value, list | tuple):
        return [each for part in value for each in numbers_of(part)]
    return [value] if isinstance(value, float) else []


def random_judgements(seed: int) -> list[Judgement]:
    """Four raters, not all on every item; unmarked turns, errors, harm, confidence, answers."""
    random = np.random.default_rng(seed)
    made = []
    for item in range(30):
        truth = random.choice([1, 0, -1], 3)
        for rater in random.permutation(4)[: random.integers(1, 5)]:
            labels = {}
            for number, known in zip(TURNS, truth, strict=True):
                label = int(known if random.random() < 0.6 else random.choice([1, 0, -1]))
                labels[str(number)] = {
                    "label": None if random.random() < 0.1 else label,
                    "errors": ["anchoring"] if label == -1 and random.random() < 0.7 else [],
                    "harm": int(random.integers(0, 4)) if label == -1 else None,
                    "confidence": int(random.integers(1, 6)),
                    "hard": ["genuine_equipoise"] if random.random() < 0.2 else [],
                }
            answer = {"teach": str(random.choice(["as_example", "as_warning"]))}
            whole = {"turns": labels, "trajectory": {"answers": answer}}
            made.append(Judgement(item, item // 3, f"R-{rater}", DAY + timedelta(days=item * 3), TURNS, whole))
    return made


# Each question: how to read it off one turn's stored label, and the package's name of the level.
READ = {
    "label": (lambda turn: turn["label"], "ordinal"),
    "error:anchoring": (lambda turn: None if turn["label"] is None else int("anchoring" in turn["errors"]), "nominal"),
    "harm": (lambda turn: turn["harm"], "ordinal"),
    "confidence": (lambda turn: turn["confidence"], "interval"),
}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", READ)
def test_alpha_is_that_of_the_reference_package(seed, name):
    judgements = random_judgements(seed)
    read, level = READ[name]
    data = np.full((4, 90), np.nan)
    for each in judgements:
        for place, number in enumerate(TURNS):
            value = read(each.labels["turns"][str(number)])
            data[int(each.rater[-1]), each.item * 3 + place] = np.nan if value is None else value
    expected = krippendorff.alpha(reliability_data=data, level_of_measurement=level)
    found = question(report(judgements), name)
    assert found["alpha"]["value"] == pytest.approx(expected)
    rated = (~np.isnan(data)).sum(0)
    assert (found["units"], found["judged"]) == ((rated >= 2).sum(), (rated >= 1).sum())
    assert found["pairs"] == (rated * (rated - 1) // 2).sum()
    low, high = found["alpha"]["interval"]
    assert low < expected < high


def test_the_questions_of_the_whole_are_compared_by_item():
    judgements = random_judgements(1)
    answers = np.full((4, 30), np.nan)
    for each in judgements:
        answers[int(each.rater[-1]), each.item] = each.labels["trajectory"]["answers"]["teach"] == "as_example"
    found = question(report(judgements), "answer:teach")
    assert found["alpha"]["value"] == pytest.approx(
        krippendorff.alpha(reliability_data=answers, level_of_measurement="nominal")
    )
    assert (found["of"], found["level"]) == ("item", "nominal")


def test_the_order_of_reading_does_not_matter():
    judgements = random_judgements(2)
    forwards, backwards = report(judgements), report(judgements[::-1])
    assert numbers_of(forwards) == pytest.approx(numbers_of(backwards))
    assert [each["a"] for each in forwards["pairs"]] == [each["a"] for each in backwards["pairs"]]


def test_pairs_by_hand():
    found = report(
        [
            judge(1, "R-b", (1, 1, -1)),
            judge(1, "R-a", (1, 0, -1)),
            judge(1, "R-c", (1, None, 1)),
            judge(2, "R-a", (0, 0, 0)),
        ]
    )
    pairs = {(each["a"], each["b"]): each for each in found["pairs"]}
    assert {names: each["units"] for names, each in pairs.items()} == {
        ("R-a", "R-b"): 3,
        ("R-a", "R-c"): 2,
        ("R-b", "R-c"): 2,
    }
    assert pairs["R-a", "R-b"]["percent"]["value"] == pytest.approx(2 / 3)
    assert pairs["R-a", "R-c"]["percent"]["value"] == pytest.approx(1 / 2)
    assert question(found)["coverage"] == pytest.approx(3 / 6)


def test_the_first_error_by_hand():
    inherited = judge(3, "R-a", (-1, -1, 1))
    inherited.labels["turns"]["2"]["inherited"] = True
    found = report(
        [
            *(judge(1, "R-a", (1, -1, -1)), judge(1, "R-b", (1, 1, -1))),
            *(judge(2, "R-a", (1, 1, 1)), judge(2, "R-b", (-1, 1, 1))),
            *(inherited, judge(3, "R-b", (1, -1, 1))),
            # Labelled nothing: that is not "no error".
            *(judge(4, "R-a", (None, None, None)), judge(4, "R-b", (-1, 1, 1))),
        ]
    )["first_error"]
    assert (found["n"], found["turns"], found["same"]) == (3, pytest.approx((1 + 3 + 0) / 3), pytest.approx(1 / 3))


def test_gold_and_what_was_adjudicated_by_hand():
    second = [judge(1, "R-a", (1, 1, -1)), judge(1, "R-b", (1, -1, -1))]
    gold = [judge(8, "R-a", (1, 1, 1)), judge(8, "R-b", (-1, None, 1))]
    known = Known(gold={8: said((1, 0, 1))}, authoritative={1: said((1, -1, -1))}, turns={1: TURNS, 8: TURNS})
    found = report(second, gold=gold, known=known)
    assert [(each["rater"], each["units"], each["percent"]["value"]) for each in found["gold"]] == [
        ("R-a", 3, pytest.approx(2 / 3)),
        ("R-b", 2, pytest.approx(1 / 2)),
    ]
    assert [(each["rater"], each["percent"]["value"]) for each in found["authoritative"]] == [
        ("R-a", pytest.approx(2 / 3)),
        ("R-b", 1.0),
    ]
    # Gold items count for nothing else.
    assert (found["items"], question(found)["units"]) == (1, 3)


def test_disagreements_are_split_by_why_a_turn_is_hard():
    def two(item, one=(), other=(), labels=((1,), (-1,))):
        raters = zip(("R-a", "R-b"), labels, (one, other), strict=True)
        return [judge(item, rater, label, turns=(2,), hard=list(hard)) for rater, label, hard in raters]

    found = report(
        [
            *two(1, ["missing_information"]),
            *two(2, other=["outside_my_specialty", "ambiguous_wording"]),
            *two(3, ["genuine_equipoise"], ["genuine_equipoise"]),
            *two(4, ["genuine_equipoise"], ["ambiguous_wording"]),
            *two(5),
            # The same label: no disagreement, whatever was hard.
            *two(6, ["missing_information"], labels=((1,), (1,))),
            # Who left it unmarked says why as well.
            *two(7, labels=((1,), (0,))),
            judge(7, "R-c", (None,), turns=(2,), hard=["genuine_equipoise"]),
        ]
    )["split"]
    assert (found["n"], found["of"]) == (6, 7)
    assert {each["kind"]: each["n"] for each in found["kinds"]} == {
        "reducible": 2,
        "genuine": 2,
        "both": 1,
        "unexplained": 1,
    }
    assert sum(each["share"] for each in found["kinds"]) == pytest.approx(1)
    assert {each["id"]: each["n"] for each in found["reasons"]}["ambiguous_wording"] == 2
    assert all(0 <= bound <= 1 for each in found["kinds"] if each["interval"] for bound in each["interval"])


def test_drift_by_week_and_by_quarter():
    def at(item, day, labels=(1,)):
        return [judge(item, "R-a", (1,), turns=(2,), day=DAY), judge(item, "R-b", labels, turns=(2,), day=day)]

    weeks = report([*at(1, DAY), *at(2, date(2026, 3, 8), (-1,)), *at(3, date(2026, 3, 9))])["drift"]
    assert weeks["by"] == "week"
    assert [(row["period"], row["units"], row["percent"]["value"]) for row in weeks["rows"]] == [
        ("2026-W10", 2, 0.5),
        ("2026-W11", 1, 1.0),
    ]
    assert weeks["rows"][1]["alpha"]["reason"].startswith("every rating that can be compared is the same")
    long = report([each for number in range(40) for each in at(number, DAY + timedelta(weeks=number))])["drift"]
    assert (long["by"], [row["period"] for row in long["rows"]]) == (
        "quarter",
        ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"],
    )


def test_what_the_truth_changed():
    first = [judge(1, "R-a", (1, 1, None)), judge(1, "R-b", (-1, 0, 1)), judge(2, "R-a", (0, 0, 0))]
    second = [judge(1, "R-a", (1, 0, 1)), judge(1, "R-b", (1, 0, 1)), judge(2, "R-a", (0, 0, 0))]
    found = report(second, first=first)["passes"]
    assert (found["first"]["percent"]["value"], found["second"]["percent"]["value"]) == (0.0, 1.0)
    assert (found["changed"]["n"], found["changed"]["of"]) == (2, 8)
    with pytest.raises(ValueError, match="do not hold the same"):
        report(second, first=first[:2])


DEGENERATE = {
    "nobody": ([], "no item was rated by two raters"),
    "one rater": ([judge(1, "R-a", (1, 0, -1)), judge(2, "R-a", (1, 0, -1))], "no item was rated by two raters"),
    "no shared item": ([judge(1, "R-a", (1, 0, 1)), judge(2, "R-b", (1, 0, 1))], "no item was rated by two raters"),
    "all the same": (
        [judge(item, rater, (1, 1, 1)) for item in range(4) for rater in ("R-a", "R-b")],
        "every rating that can be compared is the same, so agreement cannot be told from chance",
    ),
    "all unmarked": (
        [judge(item, rater, (None, None, None)) for item in range(4) for rater in ("R-a", "R-b")],
        "no item was rated by two raters",
    ),
}


@pytest.mark.parametrize("name", DEGENERATE)
def test_what_is_not_defined_has_a_reason(name):
    judgements, reason = DEGENERATE[name]
    found = report(judgements)
    assert question(found)["alpha"] == {"value": None, "interval": None, "reason": reason}
    assert all(each["alpha"]["value"] is None and each["alpha"]["reason"] for each in found["questions"])
    assert found["split"]["kinds"][0]["share"] is None
    assert all(isfinite(each) for each in numbers_of(found))
    rows = list(list_rows(found, rubric="A rubric v1", computed_at="2026-03-02"))
    assert all(row["value"] != "" or row["why_none"] for row in rows if row["part"] == "question")


def test_a_share_stays_between_nothing_and_all():
    """However few the cases: three of which one differs."""
    judgements = [
        judge(item, rater, (1,) if rater == "R-a" or item else (-1,), turns=(2,))
        for item in range(3)
        for rater in ("R-a", "R-b")
    ]
    found = report(judgements)
    assert question(found)["percent"]["interval"] == [0.0, 1.0]
    assert found["first_error"]["interval"][0] == 0.0


def test_two_cases_are_too_few_for_an_interval():
    judgements = [
        judge(item, rater, (1, 0, -1) if rater == "R-a" else (1, 1, -1), group=item % 2)
        for item in range(6)
        for rater in ("R-a", "R-b")
    ]
    found = question(report(judgements))
    assert (found["cases"], found["units"], found["alpha"]["interval"]) == (2, 18, None)
    assert "too few items, or groups" in found["alpha"]["reason"]


def test_a_rater_judges_an_item_once():
    with pytest.raises(ValueError, match="twice"):
        read_table([judge(1, "R-a", (1, 0, 1)), judge(1, "R-a", (1, 0, 1))], CONTENT)


def test_what_a_rubric_asks_and_at_which_level():
    asked = {each.id: (each.level.value, each.whole) for each in list_asked(CONTENT)}
    assert asked["label"] == ("ordinal", False)
    assert asked["harm"] == ("ordinal", False)
    assert asked["confidence"] == ("interval", False)
    assert asked["error:anchoring"] == ("nominal", False)
    assert asked["answer:conclusion"] == ("nominal", True)
    bare = RubricContent(
        title="Bare",
        steps=CONTENT.steps[::2],
        turn_questions=[
            {"id": "why", "text": "Why?", "kind": "text"},
            {
                "id": "safe",
                "text": "Safe?",
                "kind": "choice",
                "options": [{"value": v, "word": v} for v in ("yes", "no")],
            },
        ],
    )
    assert [each.id for each in list_asked(bare)] == ["label", "answer:safe"]
    judgements = [
        judge(item, rater, (1,), turns=(2,), answers={"safe": "yes" if item else rater[-1:] and "no"})
        for item in range(3)
        for rater in ("R-a", "R-b")
    ]
    found = report(judgements, content=bare)
    assert found["not_compared"] == ["Why?"]
    assert question(found, "answer:safe")["percent"]["value"] == 1.0


def test_rows_hold_every_figure_with_its_versions():
    judgements = random_judgements(3)
    known = Known({}, {0: said((1, 0, -1))}, {0: TURNS})
    found = report(judgements, known=known)
    text = StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(list_rows(found, rubric="Step by step v1", computed_at="2026-03-02T10:00"))
    rows = list(csv.DictReader(StringIO(text.getvalue())))
    assert {(row["rubric"], row["metric"]) for row in rows} == {("Step by step v1", "agreement/1")}
    assert {row["part"] for row in rows} >= {
        *("question", "first_error", "first_pass", "second_pass", "passes", "drift"),
        *("disagreement", "reason", "raters", "authoritative"),
    }
    step = next(row for row in rows if row["question"] == "label" and row["part"] == "question")
    assert float(step["value"]) == question(found)["alpha"]["value"]
    assert int(step["n"]) == question(found)["units"]


def test_a_table_is_small():
    """Columns of numbers, whatever was written: comments are read over."""
    judgements = [judge(1, "R-a", (1, 0, 1), comment="x" * 20_000)]
    table: Table = read_table(judgements, CONTENT)
    assert step_of(list_asked(CONTENT)).codes(table).tolist() == [2, 1, 2]
    assert sum(column.nbytes for column in table.turns.said.values()) < 200
