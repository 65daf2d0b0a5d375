import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from diagnosis.models import Trajectory
from review.models import EdgeProposal

from .score import Score
from .selection import Selection, Verdict
from .work import Work


class GraphUpdate(Work):
    """A merged proposal put into force: the site's graph compiled with it, and the scores that it can move worked out
    anew, beside those that are there.

    A worker lists the affected trees once (``listed_at``), then does one after the other. Cancelling stops that; the
    decision itself stays in force.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.OneToOneField(EdgeProposal, on_delete=models.PROTECT, related_name="graph_update")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="graph_updates"
    )
    graph_before = models.CharField(max_length=64, blank=True)
    graph_after = models.CharField(max_length=64, blank=True)
    metric_version = models.CharField(max_length=40, blank=True)
    scored_count = models.PositiveIntegerField(default=0, help_text="Trees with scores, affected or not.")
    tree_count = models.PositiveIntegerField(default=0, help_text="Of which the edge can have moved a score.")
    done_count = models.PositiveIntegerField(default=0)
    listed_at = models.DateTimeField(null=True, blank=True)

    class Meta(Work.Meta):
        abstract = False
        ordering = ["-queued_at"]
        constraints = [
            *Work.Meta.constraints,
            models.CheckConstraint(
                condition=Q(scored_count__gte=F("tree_count")) & Q(tree_count__gte=F("done_count")),
                name="graphupdate_counts_its_trees",
            ),
        ]

    def __str__(self) -> str:
        return f"After {self.proposal_id}"


class RescoredTree(models.Model):
    """A tree whose scores an update works out anew; done with ``done_at``, or why not in ``error_message``."""

    update = models.ForeignKey(GraphUpdate, on_delete=models.CASCADE, related_name="trees")
    trajectory = models.ForeignKey(Trajectory, on_delete=models.PROTECT, related_name="+")
    branch_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0, help_text="Branches of which a figure is another now.")
    verdict_count = models.PositiveIntegerField(default=0, help_text="Verdicts of selections that were looked at.")
    error_message = models.CharField(max_length=400, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["update", "trajectory"], name="rescoredtree_once")]
        indexes = [models.Index(fields=["update"], condition=Q(done_at__isnull=True), name="rescoredtree_open")]

    def __str__(self) -> str:
        return f"{self.trajectory_id} in {self.update_id}"


class VerdictChange(models.Model):
    """What a selection's thresholds would now decide of a branch, where that is something else. Append-only.

    The selection's own verdict stays as it is: a dataset version made of it can still be made again.
    """

    update = models.ForeignKey(GraphUpdate, on_delete=models.CASCADE, related_name="verdict_changes")
    selection = models.ForeignKey(Selection, on_delete=models.PROTECT, related_name="+")
    before = models.ForeignKey(Score, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey(Score, on_delete=models.PROTECT, related_name="+")
    was = models.CharField(max_length=14, choices=Verdict.Kind.choices)
    now = models.CharField(max_length=14, choices=Verdict.Kind.choices)
    rule_was = models.CharField(max_length=80)
    rule_now = models.CharField(max_length=80)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["update", "selection", "after"], name="verdictchange_once"),
            models.CheckConstraint(condition=~Q(was=F("now")), name="verdictchange_is_one"),
        ]

    def __str__(self) -> str:
        return f"{self.was} to {self.now}"
