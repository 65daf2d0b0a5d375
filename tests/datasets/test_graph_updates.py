"""A merged proposal in the site's graph, and the scores that it moved: beside the old ones, once, resumable."""

from shutil import copytree, ignore_patterns

import pytest
from django.utils import timezone

from datasets.models import DistillationRun, GraphUpdate, RescoredTree, Score, Verdict, VerdictChange
from datasets.selectors.affected import list_affected
from datasets.services import rescoring
from datasets.services.errors import MergeRefused
from datasets.services.merging import cancel_update, merge_edge, resume_update
from datasets.services.overlaying import mend_overlay, write_overlay
from datasets.tasks.graph import update_graph
from diagnosis.models import Trajectory
from diagnosis.selectors.overlay import overlay_path
from medaction.knowledge.sources.overlay import read_overlay
from medaction.metrics import BranchScorer
from review.selectors.graph import open_site_graph
from review.services.edges import ShownEdge
from tests.datasets import factories
from tests.datasets.scored import hanging_edge, make_hanging_case, make_scored_run
from tests.review.edges import make_proposal

pytestmark = pytest.mark.django_db
# The task's body: around it, the connection is closed, which a test within a transaction cannot have.
update = update_graph.run.__wrapped__


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    return tmp_path_factory.mktemp("compiled")


@pytest.fixture(autouse=True)
def here(settings, nowhere, files_folder, compiled):
    # No pulse: its connection would not see what this transaction has not committed.
    settings.DATASETS = {**settings.DATASETS, "HEARTBEAT_SECONDS": 3600}
    # All decide the same, so the graph with it is compiled once.
    folder = overlay_path().parent
    copytree(compiled, folder)
    yield
    copytree(folder, compiled, ignore=ignore_patterns("*.yaml"), dirs_exist_ok=True)


@pytest.fixture(scope="module")
def scorer(graph):
    return BranchScorer(graph)


@pytest.fixture
def grown(manager, scorer):
    """Four trees, in one of which everything hangs by one edge."""
    cases = factories.make_cases(3)
    return make_scored_run([*cases, make_hanging_case(cases[0])], scorer, manager)


@pytest.fixture
def proposal(grown, graph):
    return make_proposal(hanging_edge(graph.hash), "REFUTE")


def figures(**wanted):
    rows = Score.objects.filter(**wanted).order_by("trajectory", "leaf_seq")
    return {(s.trajectory_id, s.leaf_seq): (s.dtc, s.rac, s.grounding, s.coverage, s.correct) for s in rows}


def test_a_merge_scores_anew_what_it_can_have_moved_and_nothing_else(grown, proposal, manager, graph):
    before, verdicts = figures(), list(Verdict.objects.order_by("pk").values_list("score", "verdict"))
    made = merge_edge(proposal=proposal, by=manager, graph=graph)
    assert (made.state, made.graph_before) == ("QUEUED", graph.hash)
    update(str(made.pk))
    made.refresh_from_db()
    assert (made.state, made.error_message) == ("SUCCEEDED", "")
    assert [each.verdict for each in read_overlay(overlay_path())] == ["refute"]
    new = open_site_graph()
    assert made.graph_after == new.hash != graph.hash
    assert (made.tree_count, made.done_count, made.scored_count) == (1, 1, 4)
    # The old scores and verdicts are as they were.
    assert figures(graph_hash=graph.hash) == before
    assert list(Verdict.objects.order_by("pk").values_list("score", "verdict")) == verdicts
    after = figures(graph_hash=new.hash)
    affected = set(made.trees.values_list("trajectory", flat=True))
    assert set(after) == {place for place in before if place[0] in affected}
    moved = {place for place in after if after[place] != before[place]}
    assert moved
    assert sum(made.trees.values_list("changed_count", flat=True)) == len(moved)
    # Nothing was left out: the trees that were not looked at would score the same by the new graph.
    other = BranchScorer(new)
    for trajectory in Trajectory.objects.filter(scores__isnull=False).exclude(pk__in=affected).distinct():
        for each in rescoring.rescore_tree(RescoredTree(update=made, trajectory=trajectory), other):
            assert not each.changed
    # The branch that was right stood on the story; now nothing supports its first turn.
    change = VerdictChange.objects.select_related("before", "after").get(before__leaf_seq=3)
    assert (change.was, change.now, change.rule_was, change.rule_now) == ("RETAINED", "REJECTED", "SOUND", "UPDATE")
    assert (change.before.graph_hash, change.after.graph_hash) == (graph.hash, new.hash)
    assert change.after.detail["turns"][0]["rac"] == 0
    assert made.trees.get().verdict_count == 3


def test_a_worker_that_was_stopped_goes_on_where_it_was(grown, proposal, manager, graph, monkeypatch):
    made = merge_edge(proposal=proposal, by=manager, graph=graph)
    affected = list_affected(proposal, [graph])
    assert len(affected) == 1
    real, done = rescoring.rescore_tree, []

    def cancel_meanwhile(row, scorer):
        rescored = real(row, scorer)
        cancel_update(update=made)
        done.append(row.pk)
        return rescored

    monkeypatch.setattr(rescoring, "rescore_tree", cancel_meanwhile)
    update(str(made.pk))
    made.refresh_from_db()
    # What was being worked out when it was cancelled is not written.
    assert (made.state, made.done_count, len(done)) == ("CANCELLED", 0, 1)
    assert not Score.objects.exclude(graph_hash=graph.hash).exists()
    with pytest.raises(MergeRefused, match="over already"):
        cancel_update(update=made)
    monkeypatch.setattr(rescoring, "rescore_tree", real)
    resume_update(update=made)
    with pytest.raises(MergeRefused, match="cancelled or failed"):
        resume_update(update=made)
    update(str(made.pk))
    update(str(made.pk))
    made.refresh_from_db()
    assert (made.state, made.done_count) == ("SUCCEEDED", len(affected))


def test_a_tree_that_cannot_be_scored_is_told_and_tried_again(grown, proposal, manager, graph, monkeypatch):
    made = merge_edge(proposal=proposal, by=manager, graph=graph)
    real = rescoring.rescore_tree

    def broken(row, scorer):
        raise RuntimeError("out of order")

    monkeypatch.setattr(rescoring, "rescore_tree", broken)
    update(str(made.pk))
    made.refresh_from_db()
    assert made.state == "FAILED"
    assert "could not be scored" in made.error_message
    monkeypatch.setattr(rescoring, "rescore_tree", real)
    resume_update(update=made)
    update(str(made.pk))
    made.refresh_from_db()
    assert (made.state, made.done_count) == ("SUCCEEDED", made.tree_count)


def test_no_merge_while_a_run_goes_on(grown, proposal, manager, graph):
    DistillationRun.objects.filter(pk=grown.pk).update(state="RUNNING", finished_at=None)
    with pytest.raises(MergeRefused, match="by the graph as it is"):
        merge_edge(proposal=proposal, by=manager, graph=graph)
    proposal.refresh_from_db()
    assert proposal.state == "OPEN"
    assert not GraphUpdate.objects.exists()


def test_the_last_test_of_a_finding_stays(manager, graph):
    finding = next(
        graph.at(n)
        for n in range(len(graph.arrays["concept_kinds"]))
        if len({edge.test.id for edge in graph.tests_for(graph.at(n))}) == 1
    )
    test = graph.tests_for(finding)[0].test
    edge = ShownEdge(test.id, "REVEALS", finding.id, test.name, finding.name, graph.hash)
    with pytest.raises(MergeRefused, match="No other test reveals"):
        merge_edge(proposal=make_proposal(edge, "REFUTE"), by=manager, graph=graph)


def test_what_is_confirmed_moves_no_score(grown, graph):
    assert list_affected(make_proposal(hanging_edge(graph.hash), "CONFIRM"), [graph]) == []
    assert len(list_affected(make_proposal(hanging_edge(graph.hash), "TOO_HIGH"), [graph])) == 1


def test_the_overlay_is_written_from_what_is_decided(proposal, manager, graph):
    assert not write_overlay()
    assert not overlay_path().exists()
    merge_edge(proposal=proposal, by=manager, graph=graph)
    assert not mend_overlay()
    assert write_overlay()
    assert not write_overlay()
    text = overlay_path().read_text(encoding="utf-8")
    overlay_path().unlink()
    GraphUpdate.objects.update(state="SUCCEEDED", finished_at=timezone.now())
    assert mend_overlay()
    assert overlay_path().read_text(encoding="utf-8") == text
    assert not [path for path in overlay_path().parent.iterdir() if path.suffix not in (".yaml", ".kg")]
