import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from .item import ReviewItem
from .reviewer import Reviewer

ID, NAME, BAND = 120, 300, 20


class EdgeRelation(models.TextChoices):
    HAS_FINDING = "HAS_FINDING", "has the finding"
    REVEALS = "REVEALS", "reveals the finding"


class EdgeSays(models.TextChoices):
    """What can be said of an edge. Only a disease's finding has a frequency that can be too high or too low."""

    CONFIRM = "CONFIRM", "It is right"
    REFUTE = "REFUTE", "It is not so"
    TOO_HIGH = "TOO_HIGH", "It is stated as too frequent"
    TOO_LOW = "TOO_LOW", "It is stated as too rare"


BANDED = (EdgeSays.TOO_HIGH, EdgeSays.TOO_LOW)


class OfEdge(models.Model):
    """About one edge of the knowledge graph: ``source`` (a disease or a test) and ``target`` (a finding) by concept id.

    The names, and in ``stated`` the figure and its sources, are as whoever judged read them.
    """

    source = models.CharField(max_length=ID)
    relation = models.CharField(max_length=11, choices=EdgeRelation.choices)
    target = models.CharField(max_length=ID)
    source_name = models.CharField(max_length=NAME)
    target_name = models.CharField(max_length=NAME)
    stated = models.JSONField(default=dict)
    verdict = models.CharField(max_length=8, choices=EdgeSays.choices)
    graph_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(relation="HAS_FINDING") | ~Q(verdict__in=BANDED), name="%(class)s_band_of_a_finding"
            ),
        ]

    @property
    def key(self) -> tuple[str, str, str]:
        return self.source, self.relation, self.target


class EdgeTrace(models.Model):
    """The edges that the metrics of an item's branch rest on, by one graph. Written once by a worker.

    ``edges`` are as :func:`review.services.tracing.describe_edge` gives them. ``error_message``: why there are none.
    """

    item = models.ForeignKey(ReviewItem, on_delete=models.CASCADE, related_name="edge_traces")
    graph_hash = models.CharField(max_length=64)
    metric_version = models.CharField(max_length=40)
    edges = models.JSONField(default=list)
    error_message = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "graph_hash", "metric_version"], name="edge_trace_once"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} by {self.graph_hash[:12]}"


class EdgeVerdict(OfEdge):
    """What a reviewer says of an edge. Append-only: another opinion is a revision that supersedes the one before."""

    reviewer = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="edge_verdicts")
    item = models.ForeignKey(
        ReviewItem, on_delete=models.PROTECT, related_name="edge_verdicts", help_text="Where they came upon the edge."
    )
    revision = models.PositiveIntegerField()
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    comment = models.TextField(blank=True)
    citation = models.CharField(max_length=300, blank=True)

    class Meta(OfEdge.Meta):
        abstract = False
        ordering = ["-created_at"]
        constraints = [
            *OfEdge.Meta.constraints,
            models.UniqueConstraint(
                fields=["reviewer", "source", "relation", "target", "revision"], name="edge_verdict_revision"
            ),
            models.CheckConstraint(
                condition=Q(revision=1, supersedes__isnull=True) | Q(revision__gt=1, supersedes__isnull=False),
                name="edge_verdict_first_supersedes_none",
            ),
            models.CheckConstraint(
                condition=Q(verdict="CONFIRM") | ~Q(comment="") | ~Q(citation=""), name="edge_verdict_says_why"
            ),
        ]
        indexes = [models.Index(fields=["source", "relation", "target"], name="edge_verdict_of_edge")]

    def __str__(self) -> str:
        return f"{self.reviewer_id} on {self.source} {self.relation} {self.target}: {self.verdict}"


class EdgeProposal(OfEdge):
    """Two reviewers say the same of an edge: a data manager merges that into the site's graph, or declines.

    OPEN → MERGED | DECLINED, for good; WITHDRAWN when a reviewer thinks otherwise before that. What holds of an edge is
    the latest merged proposal about it. ``band`` is the frequency that a merged proposal gives instead.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", "To be decided"
        MERGED = "MERGED", "Merged"
        DECLINED = "DECLINED", "Declined"
        WITHDRAWN = "WITHDRAWN", "No longer agreed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    band = models.CharField(max_length=BAND, blank=True)
    citations = models.JSONField(default=list, help_text="Of the verdicts that were agreed when it was merged.")
    reason = models.CharField(max_length=400, blank=True, help_text="Why it was declined.")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta(OfEdge.Meta):
        abstract = False
        ordering = ["-created_at"]
        constraints = [
            *OfEdge.Meta.constraints,
            models.UniqueConstraint(
                fields=["source", "relation", "target", "verdict"],
                condition=Q(state="OPEN"),
                name="edge_proposal_one_open",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state__in=("MERGED", "DECLINED"), decided_at__isnull=False, decided_by__isnull=False)
                    | (~Q(state__in=("MERGED", "DECLINED")) & Q(decided_at__isnull=True, decided_by__isnull=True))
                ),
                name="edge_proposal_decided_iff_by_somebody",
            ),
            models.CheckConstraint(
                condition=(Q(state="DECLINED") & ~Q(reason="")) | (~Q(state="DECLINED") & Q(reason="")),
                name="edge_proposal_declined_with_reason",
            ),
            models.CheckConstraint(
                condition=(Q(state="MERGED", verdict__in=BANDED) & ~Q(band=""))
                | (~Q(state="MERGED", verdict__in=BANDED) & Q(band="")),
                name="edge_proposal_band_iff_merged_band",
            ),
        ]
        indexes = [
            models.Index(fields=["source", "relation", "target"], name="edge_proposal_of_edge"),
            models.Index(F("decided_at").desc(), condition=Q(state="MERGED"), name="edge_proposal_merged"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.relation} {self.target}: {self.verdict}, {self.state}"
