"""The pages on which a data manager decides what reviewers propose about the graph, and sees what it changed."""

import subprocess
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets.models import GraphUpdate, Score, VerdictChange
from datasets.services.rescoring import Rescored, claim_update, commit_tree, finish_update, list_pending, list_trees
from medaction.knowledge.sources.places import find_places
from medaction.metrics import BranchScore, BranchScorer
from review.models import EdgeProposal
from review.services.edges import ShownEdge, merge_proposal
from tests.datasets import factories
from tests.datasets.scored import hanging_edge, make_hanging_case, make_scored_run
from tests.review.edges import make_proposal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def here(nowhere, files_folder):
    pass


@pytest.fixture
def client(client_of, manager):
    return client_of(manager)


@pytest.fixture
def proposal(graph):
    return make_proposal(hanging_edge(graph.hash), "TOO_HIGH")


def test_a_proposal_is_shown_with_its_voices_and_merged_with_a_band(client, proposal, manager, graph):
    page = client.get("/data/graph/").content.decode()
    assert "Abdominal aortic aneurysm" in page
    assert page.count("So it is.") == 2
    address = f"/data/graph/proposals/{proposal.pk}/merge"
    answer = client.post(address, {"band": "almost_always"})
    assert answer.status_code == 409
    assert "Choose a band that is rarer" in answer.content.decode()
    answer = client.post(address, {"band": "occasional"})
    update = GraphUpdate.objects.get()
    assert answer.url == f"/data/graph/updates/{update.pk}/"
    assert "some ten seconds" in client.get(answer.url).content.decode()
    # A second window finds it decided.
    assert client.post(address, {"band": "occasional"}).status_code == 409
    page = client.get("/data/graph/").content.decode()
    assert "Merged by manager" in page


def test_declining_needs_a_reason_and_keeps_what_was_written(client, proposal):
    address = f"/data/graph/proposals/{proposal.pk}/decline"
    long = "because " * 100
    answer = client.post(address, {"reason": long})
    assert answer.status_code == 422
    assert "at most 400 fit" in answer.content.decode()
    assert long.strip() in answer.content.decode()
    assert client.post(address, {"reason": "A textbook says otherwise."}).status_code == 302
    assert "A textbook says otherwise." in client.get("/data/graph/").content.decode()


def test_what_an_update_changed_is_counted(client, graph, manager):
    """The scores are made up here; what compiles and scores is tested with the update itself."""
    run = make_scored_run([make_hanging_case(factories.make_cases(1)[0])], BranchScorer(graph), manager)
    merged = merge_proposal(proposal=make_proposal(hanging_edge(graph.hash), "REFUTE"), by=manager)
    update = GraphUpdate.objects.create(proposal=merged, owner=manager, graph_before=graph.hash)
    claimed = claim_update(update_id=str(update.pk), worker="a test")
    tree = run.cases.get().trajectory_id
    assert list_trees(update=claimed, graph_hash="n" * 64, affected=[tree])
    row = list_pending(update=claimed)[0]
    before = Score.objects.get(trajectory=tree, leaf_seq=3)
    assert commit_tree(update=claimed, row=row, rescored=[lowered(before)])
    finish_update(update=claimed)
    page = client.get(f"/data/graph/updates/{update.pk}/").content.decode()
    change = VerdictChange.objects.get()
    assert (change.was, change.now) == ("RETAINED", "REJECTED")
    assert "1 of 1 affected trees" in " ".join(page.split())
    assert f"/data/trees/{tree}/" in page


def lowered(before):
    """As if nothing supported its first turn any more."""
    score = BranchScore.from_dict(before.detail)
    turns = (replace(score.turns[0], rac=0.0), *score.turns[1:])
    return Rescored(before, replace(score, graph="n" * 64, rac=0.2, turns=turns))


def test_what_is_decided_goes_out_as_overlay_and_as_a_patch_that_applies(client, graph, manager, tmp_path):
    embolism = ("MA:pulmonary_embolism", "HAS_FINDING")
    edges = {
        "REFUTE": ShownEdge(*embolism, "HP:0012735", "Pulmonary embolism", "Cough", graph.hash, {"p": 0.2}),
        "TOO_HIGH": ShownEdge(*embolism, "HP:0002094", "Pulmonary embolism", "Dyspnea", graph.hash, {"p": 0.85}),
        "CONFIRM": ShownEdge("OMIM:1", "HAS_FINDING", "HP:0002094", "Elsewhere", "Dyspnea", graph.hash, {"p": 0.5}),
    }
    for verdict, edge in edges.items():
        band = "frequent" if verdict == "TOO_HIGH" else ""
        merge_proposal(proposal=make_proposal(edge, verdict), by=manager, band=band)
    assert "band: frequent" in client.get("/data/graph/overlay.yaml").content.decode()
    answer = client.get("/data/graph/overlay.patch")
    assert answer.headers["Content-Disposition"].endswith('site-review.patch"')
    text = answer.content.decode()
    assert "-  - {finding: Cough, p: occasional}\n" in text
    assert "+  - {finding: Dyspnea, hpo: HP:0002094, p: frequent, source: PMID:1}\n" in text
    assert "# not in a line of its own: OMIM:1 has_finding HP:0002094: confirm; PMID:1\n" in text
    (tmp_path / "site.patch").write_text(text, encoding="utf-8")
    root = find_places().authored.parents[2]
    check = ["git", "apply", "--check", "--verbose", str(tmp_path / "site.patch")]
    done = subprocess.run(check, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_number_of_queries_stays_the_same(client, graph, manager):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/data/graph/").status_code == 200
        return len(queries)

    def fill(names):
        for name in names:
            for verdict in ("REFUTE", "TOO_HIGH"):
                edge = ShownEdge("MA:x", "HAS_FINDING", f"MF:{name}", "X", name, graph.hash, {"p": 0.5})
                proposal = make_proposal(edge, verdict)
            merge_proposal(proposal=proposal, by=manager, band="rare")
            make_proposal(edge, "CONFIRM")

    fill("a")
    before = count()
    fill("bcd")
    assert EdgeProposal.objects.filter(state="OPEN").count() == 4
    assert count() == before
