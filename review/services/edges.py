"""What reviewers say of edges of the knowledge graph: two who agree make a proposal, and a data manager decides.

Whoever writes about an edge holds its lock until the end of the transaction, so that two reviewers at once make one
proposal and not two or none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from medaction.knowledge.model import BANDS
from review.models import Annotation, EdgeProposal, EdgeVerdict, Reviewer, ReviewItem
from review.models.edge import BANDED, NAME, EdgeRelation, EdgeSays
from review.rules.labels import COMMENT_LIMIT, clean_text
from review.selectors.edges import EdgeKey, list_standing
from review.services.auditing import write_audit
from review.services.errors import EdgeRefused, ProposalRefused

CITATION_LIMIT, REASON_LIMIT = 300, 400
AGREEING = 2
State = EdgeProposal.State


@dataclass(frozen=True, slots=True)
class ShownEdge:
    """An edge as the graph of ``graph_hash`` states it. ``stated``: ``p``, ``band``, ``sources``, ``references``."""

    source: str
    relation: str
    target: str
    source_name: str
    target_name: str
    graph_hash: str
    stated: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> EdgeKey:
        return self.source, self.relation, self.target


def judge_edge(
    *, reviewer: Reviewer, item: ReviewItem, edge: ShownEdge, verdict: str, comment: str = "", citation: str = ""
) -> EdgeVerdict:
    """Say of an edge that it is right, not so, or stated as too frequent or too rare. The latest counts.

    The same again changes nothing. Raises :class:`EdgeRefused`.
    """
    comment, citation = clean_text(comment).strip(), " ".join(clean_text(citation).split())
    _check(edge, verdict, comment, citation)
    if not Annotation.objects.filter(item=item, reviewer=reviewer).exists():
        raise EdgeRefused("Judge the work-up first: what the graph says is shown after your own judgement.")
    with transaction.atomic():
        _lock(edge.key)
        before = _current(edge.key).filter(reviewer=reviewer).first()
        if before is not None and (before.verdict, before.comment, before.citation) == (verdict, comment, citation):
            return before
        said = EdgeVerdict.objects.create(
            reviewer=reviewer,
            item=item,
            revision=before.revision + 1 if before else 1,
            supersedes=before,
            comment=comment,
            citation=citation,
            verdict=verdict,
            **_fields(edge),
        )
        _settle(edge)
        write_audit(by=reviewer.user, verb="judge_edge", subject=said, edge=" ".join(edge.key), verdict=verdict)
    return said


def merge_proposal(*, proposal: EdgeProposal, by: Any, band: str = "") -> EdgeProposal:
    """The site's graph is to follow it. ``band``: where a frequency was too high or low, the one that it gets instead.

    Raises :class:`ProposalRefused`.
    """
    with transaction.atomic():
        proposal = _take(proposal)
        banded = proposal.verdict in BANDED
        if banded and band not in list_bands(proposal):
            way = "rarer" if proposal.verdict == EdgeSays.TOO_HIGH else "more frequent"
            raise ProposalRefused(f"Choose a band that is {way} than what the graph states.")
        agreed = list_standing(proposal.key).filter(verdict=proposal.verdict).exclude(citation="")
        proposal.citations = sorted(set(agreed.values_list("citation", flat=True)))
        proposal.band = band if banded else ""
        _decide(proposal, State.MERGED, by)
        # What else was said of the edge was said of another graph.
        source, relation, target = proposal.key
        others = EdgeProposal.objects.filter(source=source, relation=relation, target=target, state=State.OPEN)
        others.update(state=State.WITHDRAWN)
        write_audit(by=by, verb="merge_edge_proposal", subject=proposal, edge=" ".join(proposal.key), band=band)
    return proposal


def decline_proposal(*, proposal: EdgeProposal, by: Any, reason: str) -> EdgeProposal:
    """It stays as it is. New verdicts of two reviewers may propose it again. Raises :class:`ProposalRefused`."""
    reason = " ".join(clean_text(reason).split())
    if not reason:
        raise ProposalRefused("Say in a sentence why it is declined: the reviewers read it.")
    if len(reason) > REASON_LIMIT:
        raise ProposalRefused(f"The reason has {len(reason):,} characters; at most {REASON_LIMIT} fit.")
    with transaction.atomic():
        proposal = _take(proposal)
        proposal.reason = reason
        _decide(proposal, State.DECLINED, by)
        write_audit(by=by, verb="decline_edge_proposal", subject=proposal, edge=" ".join(proposal.key))
    return proposal


def list_bands(proposal: EdgeProposal) -> list[str]:
    """The bands that a merge of it may give, the nearest to what is stated first. None for other verdicts."""
    p = proposal.stated.get("p")
    if proposal.verdict == EdgeSays.TOO_HIGH:
        return [band for band, value in BANDS.items() if p is None or value < p - 1e-6]
    if proposal.verdict == EdgeSays.TOO_LOW:
        return [band for band, value in reversed(BANDS.items()) if p is None or value > p + 1e-6]
    return []


def _check(edge: ShownEdge, verdict: str, comment: str, citation: str) -> None:
    if verdict not in EdgeSays.values or edge.relation not in EdgeRelation.values:
        raise EdgeRefused("Choose what you say of it.")
    if verdict in BANDED and edge.relation != EdgeRelation.HAS_FINDING:
        raise EdgeRefused("What a test reveals has no frequency here: confirm or refute it.")
    if verdict != EdgeSays.CONFIRM and not comment and not citation:
        raise EdgeRefused("Say in a sentence why, or cite a source.")
    if len(comment) > COMMENT_LIMIT:
        raise EdgeRefused(f"The comment has {len(comment):,} characters; at most {COMMENT_LIMIT:,} fit. Shorten it.")
    if len(citation) > CITATION_LIMIT:
        raise EdgeRefused(f"The citation has {len(citation):,} characters; at most {CITATION_LIMIT} fit. Shorten it.")


def _lock(key: EdgeKey) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7203115))", [" ".join(key)])


def _current(key: EdgeKey):
    source, relation, target = key
    said = EdgeVerdict.objects.filter(source=source, relation=relation, target=target)
    return said.filter(superseded_by__isnull=True)


def _settle(edge: ShownEdge) -> None:
    """Proposals follow what stands now: made where two agree, withdrawn where they do no longer. Under the lock."""
    source, relation, target = edge.key
    of_edge = EdgeProposal.objects.filter(source=source, relation=relation, target=target)
    for verdict in EdgeSays.values:
        agree = list_standing(edge.key).filter(verdict=verdict).count() >= AGREEING
        waiting = of_edge.filter(verdict=verdict, state=State.OPEN)
        if not agree:
            for proposal in waiting:
                proposal.state = State.WITHDRAWN
                proposal.save(update_fields=["state"])
                write_audit(by=None, verb="withdraw_edge_proposal", subject=proposal, edge=" ".join(edge.key))
        elif not waiting.exists():
            proposal = EdgeProposal.objects.create(verdict=verdict, **_fields(edge))
            write_audit(by=None, verb="propose_edge", subject=proposal, edge=" ".join(edge.key), verdict=verdict)


def _fields(edge: ShownEdge) -> dict[str, Any]:
    return {
        "source": edge.source,
        "relation": edge.relation,
        "target": edge.target,
        "source_name": edge.source_name[:NAME],
        "target_name": edge.target_name[:NAME],
        "stated": dict(edge.stated),
        "graph_hash": edge.graph_hash,
    }


def _take(proposal: EdgeProposal) -> EdgeProposal:
    """The row, locked with its edge. Raises :class:`ProposalRefused` for one that is no longer open."""
    _lock(proposal.key)
    found = EdgeProposal.objects.select_for_update().get(pk=proposal.pk)
    if found.state == State.WITHDRAWN:
        raise ProposalRefused("The reviewers no longer agree, so there is nothing to decide.")
    if found.state != State.OPEN:
        raise ProposalRefused(f"This was decided already: {found.get_state_display().lower()}.")
    return found


def _decide(proposal: EdgeProposal, state: str, by: Any) -> None:
    proposal.state, proposal.decided_by, proposal.decided_at = state, by, timezone.now()
    proposal.save()
