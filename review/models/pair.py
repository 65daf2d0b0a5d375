import uuid

from django.db import models
from django.db.models import F, Q

from diagnosis.models import Case, Trajectory

from .rubric import RubricVersion
from .served import Served


class Side(models.TextChoices):
    """Of a pair, in the order in which it is stored. Where a reviewer saw it, left or right, is another matter."""

    FIRST = "FIRST", "First"
    SECOND = "SECOND", "Second"


class Pair(Served):
    """Two ways to go on from the same beginning, to be compared without knowing who took them.

    Each way is the branch that ends at a node; the first ``shared`` nodes of both say the same, and what comes after
    them is compared: one TURN each, or the rest of the BRANCH. The first is the one whose trajectory, then node, comes
    first, so that two branches make one pair, whichever way round they were named.

    ``first_policy`` and ``second_policy`` are who took the turns that differ; reviewers never see them. Lengths are
    of what those wrote there: characters of their answers, and turns.
    """

    class Scope(models.TextChoices):
        TURN = "TURN", "One turn"
        BRANCH = "BRANCH", "The rest of the work-up"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="pairs")
    scope = models.CharField(max_length=6, choices=Scope.choices)
    shared = models.PositiveIntegerField(help_text="So many nodes both have in common; the last shows an answer.")
    first_trajectory = models.ForeignKey(Trajectory, on_delete=models.PROTECT, related_name="pairs_as_first")
    first_leaf = models.PositiveIntegerField(help_text="The first branch ends at this node.")
    second_trajectory = models.ForeignKey(Trajectory, on_delete=models.PROTECT, related_name="pairs_as_second")
    second_leaf = models.PositiveIntegerField()
    first_policy = models.CharField(max_length=200)
    second_policy = models.CharField(max_length=200)
    first_chars = models.PositiveIntegerField()
    second_chars = models.PositiveIntegerField()
    first_turns = models.PositiveSmallIntegerField()
    second_turns = models.PositiveSmallIntegerField()
    rubric_version = models.ForeignKey(
        RubricVersion, on_delete=models.PROTECT, related_name="pairs", help_text="Its errors are the reasons to give."
    )
    specialty = models.CharField(
        max_length=80, blank=True, help_text="Only for reviewers of this specialty; empty for all."
    )
    seed = models.BigIntegerField(help_text="Decides which of the two each reviewer sees on the left.")
    free_slots = models.GeneratedField(
        expression=F("required") - F("reserved_count") - F("done_count"),
        output_field=models.IntegerField(),
        db_persist=True,
    )

    class Meta(Served.Meta):
        permissions = [("see_policies", "May see whose the two ways of a pair are")]
        constraints = [
            models.UniqueConstraint(
                fields=["first_trajectory", "first_leaf", "second_trajectory", "second_leaf"], name="pair_once"
            ),
            models.CheckConstraint(
                condition=Q(first_trajectory__lt=F("second_trajectory"))
                | Q(first_trajectory=F("second_trajectory"), first_leaf__lt=F("second_leaf")),
                name="pair_in_order",
            ),
            models.CheckConstraint(condition=Q(shared__gte=1), name="pair_begins_alike"),
            models.CheckConstraint(condition=Q(first_turns__gte=1, second_turns__gte=1), name="pair_has_turns"),
            models.CheckConstraint(
                condition=Q(required__gte=F("reserved_count") + F("done_count")), name="pair_never_over_served"
            ),
            models.CheckConstraint(condition=Q(required__gte=1), name="pair_needs_a_reviewer"),
            models.CheckConstraint(
                condition=Q(state="DONE", done_count=F("required"))
                | (~Q(state="DONE") & Q(done_count__lt=F("required"))),
                name="pair_done_iff_enough",
            ),
            models.CheckConstraint(
                condition=(Q(state="RETIRED") & ~Q(retired_reason="")) | (~Q(state="RETIRED") & Q(retired_reason="")),
                name="pair_retired_with_reason",
            ),
            models.CheckConstraint(condition=Q(draw__gte=0, draw__lt=1), name="pair_draw_0_to_1"),
        ]
        indexes = [
            # What a claim looks through: open places of one specialty, best first or in random order.
            models.Index(
                "specialty",
                F("priority").desc(),
                "draw",
                condition=Q(state="OPEN", free_slots__gt=0),
                name="pair_open_by_priority",
            ),
            models.Index("specialty", "draw", condition=Q(state="OPEN", free_slots__gt=0), name="pair_open_by_draw"),
        ]

    def __str__(self) -> str:
        return f"{self.get_scope_display()} {self.pk}"
