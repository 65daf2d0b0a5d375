"""Proposals about edges of the graph, made as reviewers make them."""

from review.models import EdgeProposal
from review.services.claiming import claim_item
from review.services.edges import ShownEdge, judge_edge
from tests.review import factories


def make_proposal(edge: ShownEdge, verdict: str, item=None) -> EdgeProposal:
    """Two reviewers who have judged an item say so."""
    item = item or factories.make_item(required=2)
    for _ in range(2):
        reviewer = factories.make_reviewer()
        claim_item(user=reviewer.user)
        factories.judge(reviewer, item)
        judge_edge(reviewer=reviewer, item=item, edge=edge, verdict=verdict, comment="So it is.", citation="PMID:1")
    return EdgeProposal.objects.get(state="OPEN", source=edge.source, target=edge.target, verdict=verdict)
