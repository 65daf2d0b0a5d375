"""The edges behind an item's metrics, as whoever judged it sees them, with what they said of each."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from medaction.metrics import METRIC_VERSION
from review.models import Annotation, EdgeProposal, EdgeTrace, EdgeVerdict, ReviewItem
from review.models.edge import EdgeRelation
from review.selectors.edges import EdgeKey, list_own_verdicts


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """``stated``: ``p``, ``band``, ``sources``, ``references``. ``mine``: what this person says of it now."""

    place: int
    source: str
    relation: str
    target: str
    source_name: str
    target_name: str
    turns: tuple[int, ...]
    told: tuple[str, ...]
    argues: str
    stated: dict[str, Any] = field(compare=False)
    mine: EdgeVerdict | None = field(default=None, compare=False)

    @property
    def key(self) -> EdgeKey:
        return self.source, self.relation, self.target

    @property
    def turn_words(self) -> str:
        """The first turn of a work-up is turn 1 to a reader."""
        return ", ".join(str(number - 1) for number in self.turns)

    @property
    def has_band(self) -> bool:
        return self.relation == EdgeRelation.HAS_FINDING

    @property
    def relation_words(self) -> str:
        return EdgeRelation(self.relation).label

    @property
    def is_estimate(self) -> bool:
        """Nobody is cited for it."""
        return not any(":" in reference for reference in self.stated["references"])


@dataclass(frozen=True, slots=True)
class EdgeSheet:
    """``trace`` None: a worker has still to find the edges of this graph."""

    item: ReviewItem
    trace: EdgeTrace | None
    rows: tuple[EdgeRow, ...] = ()

    @property
    def telling(self) -> tuple[EdgeRow, ...]:
        """Those by which something argued for or against a diagnosis, or an order was linked."""
        return tuple(row for row in self.rows if row.argues != "neither")

    def find(self, key: EdgeKey) -> EdgeRow | None:
        return next((row for row in self.rows if row.key == key), None)


@dataclass(frozen=True, slots=True)
class Said:
    """A verdict of one's own; ``proposal``: what became of it when another agreed."""

    verdict: EdgeVerdict
    proposal: EdgeProposal | None


def get_edge_sheet(*, user: Any, item_id: UUID, graph_hash: str | None) -> EdgeSheet:
    """Four queries. ``graph_hash``: of the site's graph, None where this machine has not compiled it: the newest then.

    Raises ``ReviewItem.DoesNotExist`` unless this person has judged the item: what the graph says comes after that.
    """
    judged = Annotation.objects.filter(reviewer__user=user, item=item_id)
    item = ReviewItem.objects.select_related("trajectory__case").filter(pk__in=judged.values("item")).get()
    traces = EdgeTrace.objects.filter(item=item, metric_version=METRIC_VERSION)
    trace = (traces.filter(graph_hash=graph_hash) if graph_hash else traces).first()
    if trace is None:
        return EdgeSheet(item, None)
    said = {each.key: each for each in list_own_verdicts(user, sources={edge["source"] for edge in trace.edges})}
    return EdgeSheet(item, trace, tuple(_row(place, edge, said) for place, edge in enumerate(trace.edges)))


def list_said(verdicts: list[EdgeVerdict]) -> list[Said]:
    """One query. The latest proposal of the same about the same edge that was made after it was said."""
    sources = {verdict.source for verdict in verdicts}
    made: dict[tuple[EdgeKey, str], EdgeProposal] = {}
    for proposal in EdgeProposal.objects.filter(source__in=sources).order_by("created_at"):
        made[proposal.key, proposal.verdict] = proposal
    return [Said(verdict, made.get((verdict.key, verdict.verdict))) for verdict in verdicts]


def _row(place: int, edge: dict[str, Any], said: dict[EdgeKey, EdgeVerdict]) -> EdgeRow:
    lists = {name: tuple(edge[name]) for name in ("turns", "told")}
    key = (edge["source"], edge["relation"], edge["target"])
    return EdgeRow(place=place, **{**edge, **lists}, mine=said.get(key))
