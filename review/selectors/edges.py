"""What was said of edges of the knowledge graph."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate

from medaction.knowledge.sources.overlay import SiteStatement
from review.models import EdgeProposal, EdgeVerdict
from review.models.edge import EdgeSays

EdgeKey = tuple[str, str, str]
State = EdgeProposal.State
SAME_EDGE = {name: OuterRef(name) for name in ("source", "relation", "target")}


@dataclass(frozen=True, slots=True)
class Conflict:
    """An edge of which reviewers say different things. ``said`` counts them by verdict."""

    key: EdgeKey
    source_name: str
    target_name: str
    said: tuple[tuple[str, int], ...]


def list_all_standing() -> QuerySet[EdgeVerdict]:
    """The current verdicts of all reviewers that no decision has answered yet.

    A merge of anything about an edge answers all that was said of it before: it was said of another graph. A refusal
    answers those of its own verdict.
    """
    merged = EdgeProposal.objects.filter(**SAME_EDGE, state=State.MERGED, decided_at__gte=OuterRef("created_at"))
    declined = EdgeProposal.objects.filter(
        **SAME_EDGE, state=State.DECLINED, verdict=OuterRef("verdict"), decided_at__gte=OuterRef("created_at")
    )
    current = EdgeVerdict.objects.filter(superseded_by__isnull=True)
    return current.filter(~Exists(merged), ~Exists(declined))


def list_standing(key: EdgeKey) -> QuerySet[EdgeVerdict]:
    """The same of one edge."""
    source, relation, target = key
    return list_all_standing().filter(source=source, relation=relation, target=target)


def list_own_verdicts(user: Any, sources: Iterable[str] | None = None) -> QuerySet[EdgeVerdict]:
    """What this person says now, newest first; ``sources``: of edges of these diseases and tests."""
    mine = EdgeVerdict.objects.filter(reviewer__user=user, superseded_by__isnull=True)
    if sources is not None:
        mine = mine.filter(source__in=set(sources))
    return mine.select_related("item").order_by("-created_at")


def list_proposals(*, decided: bool) -> QuerySet[EdgeProposal]:
    """Open ones, the oldest first, with how many agree and how many say otherwise; or what became of the others."""
    if decided:
        ended = EdgeProposal.objects.exclude(state=State.OPEN).select_related("decided_by")
        return ended.order_by(Coalesce("decided_at", "created_at").desc())
    return EdgeProposal.objects.filter(state=State.OPEN).order_by("created_at")


def list_voices(proposals: Iterable[EdgeProposal]) -> dict[EdgeKey, list[EdgeVerdict]]:
    """By edge, what stands of it, with the reviewers behind their aliases. One query."""
    sources = {proposal.source for proposal in proposals}
    voices: dict[EdgeKey, list[EdgeVerdict]] = {}
    standing = list_all_standing().filter(source__in=sources).select_related("reviewer")
    for said in standing.order_by("created_at"):
        voices.setdefault(said.key, []).append(said)
    return voices


def list_conflicts(most: int = 100) -> list[Conflict]:
    """Edges of which two reviewers say different things, those with the most voices first. One query."""
    rows = (
        list_all_standing()
        .values("source", "relation", "target")
        .annotate(
            kinds=Count("verdict", distinct=True),
            voices=Count("pk"),
            source_name=Max("source_name"),
            target_name=Max("target_name"),
            **{each: Count("pk", filter=Q(verdict=each)) for each in EdgeSays.values},
        )
        .filter(kinds__gt=1)
        .order_by("-voices", "source", "target")[:most]
    )
    return [
        Conflict(
            key=(row["source"], row["relation"], row["target"]),
            source_name=row["source_name"],
            target_name=row["target_name"],
            said=tuple((EdgeSays(each).label, row[each]) for each in EdgeSays.values if row[each]),
        )
        for row in rows
    ]


def list_statements() -> list[SiteStatement]:
    """What the site's graph is to follow: of each edge the latest merged proposal. One query."""
    merged = EdgeProposal.objects.filter(state=State.MERGED).annotate(day=TruncDate(F("decided_at")))
    latest = {proposal.key: proposal for proposal in merged.order_by("decided_at", "pk")}
    return [
        SiteStatement(
            source=proposal.source,
            relation=proposal.relation.lower(),
            target=proposal.target,
            verdict=proposal.verdict.lower(),
            decided=proposal.day,
            band=proposal.band,
            citations=tuple(proposal.citations),
        )
        for proposal in latest.values()
    ]
