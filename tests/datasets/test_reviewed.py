"""Dataset versions of what reviewers said: what goes in under which policy, what never leaves, what never changes."""

from io import StringIO
from zipfile import ZipFile

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from datasets.models import DatasetVersion, Export, ReviewSnapshot
from datasets.services.errors import VersionRefused
from datasets.services.exports import create_export
from datasets.services.review_sets import write_reviews
from datasets.services.snapshots import take_snapshot
from datasets.services.versions import create_reviewed_version
from datasets.tasks import versions as tasks
from diagnosis.models import Session
from medaction.corpus import check_version
from medaction.corpus.reviewed import open_review_set
from medaction.corpus.reviewed.policy import read_policy
from medaction.formats.training import FORMATS
from review.models import AuditEntry
from review.services.items import retire_item
from review.services.rubrics import create_version as create_rubric
from review.services.rubrics import ensure_rubric
from tests.datasets import factories as data
from tests.datasets.judged import (
    adjudicate,
    make_compared,
    make_corrected,
    make_gold,
    make_judged,
    teaching_case,
)
from tests.datasets.test_versions import dataset, here, work  # noqa: F401
from tests.diagnosis.factories import make_session
from tests.review import factories

pytestmark = pytest.mark.django_db
write = tasks.write_export.run.__wrapped__
SPLITS = {"train": 1.0}
SHARES = {"train": "100", "validation": "0", "test": "0", "seed": "0"}


@pytest.fixture(autouse=True)
def scripted(settings):
    settings.MODEL_URL = ""
    settings.SCRIPTED_MODELS = ["walk"]
    settings.REVIEW = {**settings.REVIEW, "GOLD_SHARE": 0.0}


@pytest.fixture
def reviewers(db):
    return [factories.make_reviewer(name) for name in ("ada", "ben", "cleo")]


@pytest.fixture
def ask(manager, dataset):  # noqa: F811
    """``ask(policy)``: a version that waits to be built."""

    def create(labels="authoritative", stage="second", reliability="agreement", nature="expert", **values):
        recipe = {"splits": SPLITS, "review": read_policy(labels, stage, reliability), **values.pop("recipe", {})}
        return create_reviewed_version(owner=manager, dataset=dataset, recipe=recipe, nature=nature, **values)

    return create


@pytest.fixture
def export_of(tmp_path):
    """``export_of(version, format)``: the rows of an export, whose folder is checked as the command line does."""

    def make(version, name="sft"):
        export, _ = create_export(owner=None, version=version, format=name)
        write(str(export.pk))
        export = Export.objects.get(pk=export.pk)
        assert (export.state, export.error_message) == ("SUCCEEDED", "")
        folder = tmp_path / f"{version.pk}-{name}"
        with ZipFile(export.file.path) as archive:
            archive.extractall(folder)
        assert check_version(folder)["faults"] == []
        (path,) = (folder / "data").iterdir()
        if path.suffix == ".parquet":
            return path.read_bytes()
        return [orjson.loads(line) for line in path.read_bytes().splitlines()]

    return make


def test_each_policy_counts_what_it_says(ask, export_of, reviewers):
    """Three turns each: one item that all call good, one that two of three do, one that nobody agrees on."""
    make_judged(reviewers, [1, 1, 1], case=teaching_case(0))
    disputed = make_judged(reviewers, [1, 1, -1], case=teaching_case(1))
    make_judged(reviewers, [1, 0, -1], case=teaching_case(2))
    found = {}
    for labels in ("authoritative", "majority", "all", "weights"):
        version = work(ask(labels))
        assert (version.state, version.error_message) == ("SUCCEEDED", "")
        found[labels] = (version.manifest["reviews"], export_of(version))
    told, rows = found["authoritative"]
    assert (told["decided"], told["waiting_for_adjudication"]) == ({"AGREED": 1}, 2)
    assert [(row["verdict"], len(row["raters"])) for row in rows] == [("AGREED", 3)]
    told, rows = found["majority"]
    assert (told["tied_turns"], len(rows)) == (3, 2)
    assert rows[1]["step_labels"] == [1, 1, 1]
    told, rows = found["all"]
    assert (told["judgements"], told["raters"], told["branches"]) == (9, 3, 3)
    # Good to ada three times, to ben twice, to cleo once.
    assert sorted(len([row for row in rows if row["raters"] == [rater]]) for rater in _raters(rows)) == [1, 2, 3]
    weights = {row["raters"][0]: row["weight"] for row in found["weights"][1]}
    # Of twice three items times three turns ada and ben agree with others in 6 + 6 + 0 … of 18: 9 of 18 for both
    # (all three, then each other), cleo in 6 of 18.
    assert sorted(weights.values()) == [round(7 / 20, 4), round(10 / 20, 4), round(10 / 20, 4)]
    adjudicate(disputed, reviewers[2])
    assert work(ask()).manifest["reviews"]["decided"] == {"ADJUDICATED": 1, "AGREED": 1}


def _raters(rows):
    return {rater for row in rows for rater in row["raters"]}


def test_the_blind_pass_is_another_version(ask, export_of, reviewers):
    make_judged(reviewers[:1], [1])
    rows = export_of(work(ask(stage="first")))
    assert rows[0]["review_pass"] == "first"


def test_corrections_and_comparisons_become_rows_and_pairs(ask, export_of, reviewers):
    correction = make_corrected(reviewers[0])
    make_compared(reviewers, ["FIRST", "FIRST", "TIE"])
    version = work(ask("majority"))
    assert version.manifest["reviews"]["corrections"] == 1
    assert version.manifest["reviews"]["votes"] == {"ONE": 2, "TIE": 1}
    (row,) = export_of(version)
    assert (row["verdict"], row["step_labels"]) == ("CORRECTION", [-1, 1, None, None])
    assert row["messages"][row["loss"].index(True)]["content"] == correction.text
    pairs = {pair["scope"]: pair for pair in export_of(version, "dpo")}
    assert pairs["correction"]["chosen"][0]["content"] == correction.text
    assert pairs["turn"]["raters"] == sorted(pairs["turn"]["raters"])
    assert len(pairs["turn"]["raters"]) == 2
    assert pairs["turn"]["chosen"][0]["content"].startswith('{"reasoning":"Way 0')


@pytest.mark.parametrize("labels", ["authoritative", "weights"])
def test_every_format_is_written_and_a_rebuild_has_the_same_bytes(ask, export_of, reviewers, labels):
    make_judged(reviewers[:2], [1, 1])
    make_corrected(reviewers[0])
    make_compared(reviewers[:2], ["SECOND", "SECOND"])
    version = work(ask(labels))
    first = {name: export_of(version, name) for name in FORMATS}
    # What is said, retired and renamed later is of no matter to this version.
    make_judged(reviewers[1:], [-1, -1])
    Export.objects.filter(version=version).update(state="FAILED", sha256="", file="", error_message="Try again.")
    assert {name: export_of(version, name) for name in FORMATS} == first
    assert "DTC" not in version.card
    assert "Krippendorff's alpha" in version.card


def test_who_judged_is_stable_in_a_version_and_another_in_the_next(ask, export_of, reviewers):
    make_judged(reviewers, [1, 1, 1], case=teaching_case(0))
    make_judged(reviewers, [1, 1, 1], case=teaching_case(1))
    first, second = work(ask("all")), work(ask("all"))
    rows = export_of(first)
    by_rater = {}
    for row in rows:
        by_rater.setdefault(row["raters"][0], set()).add(row["case"])
    assert len(by_rater) == 3
    assert all(len(cases) == 2 for cases in by_rater.values())
    assert _raters(rows) == _raters(export_of(first, "kto"))
    assert not _raters(rows) & _raters(export_of(second))
    for reviewer in reviewers:
        for row in (*rows, *export_of(first, "tree")):
            text = orjson.dumps(row)
            assert reviewer.alias.encode() not in text
            assert reviewer.user.username.encode() + b'"' not in text


def test_an_alias_leaves_only_when_it_was_chosen(ask, export_of, reviewers):
    make_judged(reviewers[:1], [1])
    assert _raters(export_of(work(ask(aliases=True)))) == {reviewers[0].alias}
    entry = AuditEntry.objects.filter(verb="take_snapshot").first()
    assert (entry.detail["aliases"], entry.detail["annotations"]) == (True, 1)


def test_weights_come_from_gold_items_when_asked(ask, export_of, reviewers, settings):
    make_judged(reviewers[:2], [1, 1])
    settings.REVIEW = {**settings.REVIEW, "GOLD_SHARE": 1.0}
    make_gold(reviewers[0], right=4, wrong=0)
    version = work(ask("weights", reliability="gold"))
    # (4 + 1) / (4 + 2), and of the other nothing is known.
    assert sorted(row["weight"] for row in export_of(version)) == [0.5, 0.8333]
    assert version.manifest["reviews"]["left_out"] == {"of gold and training items": 1}


def test_a_snapshot_never_changes(ask, reviewers):
    make_judged(reviewers[:1], [1])
    version = work(ask())
    for change in (
        lambda: ReviewSnapshot.objects.update(nature="demo"),
        lambda: ReviewSnapshot.objects.all().delete(),
        lambda: DatasetVersion.objects.filter(pk=version.pk).update(snapshot=None),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_what_makes_no_version_is_told_in_words(ask, reviewers, manager):
    with pytest.raises(VersionRefused, match="Nobody has handed in a judgement yet"):
        ask()
    item = make_judged(reviewers[:2], [1, 1], required=3)
    with pytest.raises(VersionRefused, match="Say whose judgements these are"):
        ask(nature="")
    with pytest.raises(VersionRefused, match=r"sum to 0\.9"):
        ask(recipe={"splits": {"train": 0.9}})
    with pytest.raises(VersionRefused, match="No case here is from Nowhere"):
        ask(recipe={"benchmark_sources": ["Nowhere"]})
    retire_item(item=item, reason="The case is broken.")
    with pytest.raises(VersionRefused, match="Every item that was judged is retired"):
        ask()
    assert not ReviewSnapshot.objects.exists()
    make_judged(reviewers[:2], [1, -1])
    failed = work(ask())
    assert failed.state == "FAILED"
    assert "no judgement of the set says under this policy what is good" in failed.error_message


def test_versions_of_a_rubric_are_not_mixed(ask, reviewers):
    make_judged(reviewers[:1], [1])
    first = ensure_rubric()
    second = create_rubric(rubric=first.rubric, content=first.content, note="Another year.")
    make_judged(reviewers[:1], [1], rubric_version=second)
    with pytest.raises(VersionRefused, match="by 2 versions of rubrics") as refused:
        ask()
    assert f"{first}: 1 judgement" in str(refused.value)
    version = work(ask(rubric_version=second))
    assert version.manifest["reviews"]["rubric"]["name"] == f"{second.rubric.slug} v{second.number}"
    assert version.manifest["reviews"]["judgements"] == 1


def test_cases_of_a_benchmark_stay_out(ask, reviewers):
    make_judged(reviewers[:1], [1], case=teaching_case(0))
    kept = teaching_case(1)
    make_judged(reviewers[:1], [1], case=kept)
    data.make_benchmark([teaching_case(0)], name="Apart")
    version = work(ask(recipe={"benchmarks": ["apart"]}))
    assert version.manifest["leaks"]["left_out"] == 1
    assert list(version.groups.values_list("group_key", flat=True)) == [kept.group_key]


def test_what_a_person_wrote_in_a_walkthrough_is_not_handed_on(ask, reviewers):
    item = make_judged(reviewers[:1], [1])
    session = make_session(case=item.trajectory.case, model_key="scripted:walk")
    Session.objects.filter(pk=session.pk).update(trajectory=item.trajectory)
    assert work(ask()).manifest["reviews"]["judgements"] == 1
    Session.objects.filter(pk=session.pk).update(mode="DRIVE", model_key="human")
    with pytest.raises(VersionRefused):
        ask()
    make_judged(reviewers[:1], [1])
    assert work(ask()).manifest["reviews"]["left_out"] == {"of walkthroughs that people wrote": 1}


def test_a_set_costs_the_same_queries_with_many_judgements(reviewers, manager, tmp_path):
    def count(place) -> int:
        snapshot = take_snapshot(owner=manager, nature="demo")
        with CaptureQueriesContext(connection) as queries:
            write_reviews(snapshot=snapshot, path=tmp_path / place)
        return len(queries)

    make_judged(reviewers, [1, 1, -1])
    make_compared(reviewers, ["FIRST", "TIE", "SECOND"])
    make_corrected(factories.make_reviewer())
    before = count("few")
    for _ in range(3):
        make_judged(reviewers, [1, 0, -1])
        make_corrected(factories.make_reviewer())
    assert count("many") == before


def test_from_the_page_to_a_version(client_of, manager, dataset, reviewers):  # noqa: F811
    mine = client_of(manager)
    page = f"/data/datasets/{dataset.slug}/versions/reviewed/"
    sent = {"labels": "majority", "stage": "second", "reliability": "agreement", "nature": "demo", **SHARES}
    refused = mine.post(page, sent)
    assert (refused.status_code, b"Nobody has handed in a judgement yet" in refused.content) == (422, True)
    make_judged(reviewers, [1, 1, -1])
    assert b"New version from review" in mine.get(f"/data/datasets/{dataset.slug}/").content
    assert "3 judgements" in mine.get(page).content.decode()
    for wrong, told in (
        ({"nature": ""}, "Say whose judgements these are"),
        ({"labels": "best"}, "best is not one of the available choices"),
        ({"train": "50"}, "sum to 0.5"),
        ({"rubric": "999"}, "999 is not one of the available choices"),
    ):
        answered = mine.post(page, {**sent, **wrong})
        assert (answered.status_code, told in answered.content.decode()) == (422, True), wrong
    assert not DatasetVersion.objects.exists()
    made = mine.post(page, sent).url
    version = work(DatasetVersion.objects.get())
    shown = mine.get(made).content.decode()
    assert version.content_hash in shown
    assert "A trial: nobody judged as an expert" in shown
    assert "Majority, second pass" in shown
    assert "Krippendorff&#x27;s alpha, ordinal" in shown
    assert f"Judgements by {version.snapshot.rubric_version}" in shown


def test_the_form_costs_the_same_with_many_judgements(client_of, manager, dataset, reviewers):  # noqa: F811
    mine = client_of(manager)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert mine.get(f"/data/datasets/{dataset.slug}/versions/reviewed/").status_code == 200
        return len(queries)

    make_judged(reviewers, [1, 1, -1])
    before = count()
    for _ in range(2):
        make_judged(reviewers, [1, 0, -1])
    assert count() == before


def test_a_review_set_by_command(reviewers, tmp_path):
    make_judged(reviewers, [1, 1, -1])
    said = StringIO()
    call_command("export_reviewed", str(tmp_path / "set"), nature="demo", rubric="steps:1", stdout=said)
    assert "3 annotations" in said.getvalue()
    reviews = open_review_set(tmp_path / "set")
    (tree,) = reviews.trees()
    assert (len(tree.judgements), reviews.nature) == (6, "demo")
    for name, values, told in (
        ("set", {}, "holds something already"),
        ("other", {"rubric": "steps"}, "Write it as slug:number"),
    ):
        with pytest.raises(CommandError, match=told):
            call_command("export_reviewed", str(tmp_path / name), nature="demo", **values)
    assert ReviewSnapshot.objects.count() == 1
