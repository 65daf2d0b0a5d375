import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Q, Value, When

from diagnosis.models import Trajectory

from .rubric import RubricVersion
from .served import Served

ANY_SPECIALTY = ""


class ReviewItem(Served):
    """One branch of a trajectory, to be judged.

    A REAL item is served until ``required`` reviewers have judged it. GOLD and TRAINING items have a ``reference`` and
    are served to everybody once: gold ones look like any other, training ones answer with feedback.

    ``agreement``, 0 to 1, is kept by a trigger as well: for each turn the mean over pairs of reviewers who labelled it
    of 1 − |difference of their labels| / 2, for each choice about the whole the share of pairs that chose the same; the
    mean of these, of the latest revisions. None while no two said anything about the same.
    """

    class Source(models.TextChoices):
        LIVE = "LIVE", "Live walkthrough"
        SYNTHETIC = "SYNTHETIC", "Grown by a policy"
        BENCHMARK = "BENCHMARK", "Benchmark"
        INCIDENT = "INCIDENT", "Incident"

    class Kind(models.TextChoices):
        REAL = "REAL", "To be judged"
        GOLD = "GOLD", "Gold"
        TRAINING = "TRAINING", "Training"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    trajectory = models.ForeignKey(Trajectory, on_delete=models.PROTECT, related_name="review_items")
    leaf_seq = models.PositiveIntegerField(help_text="The branch ends at this node.")
    turn_numbers = ArrayField(models.PositiveIntegerField(), help_text="The turns of the branch; 2 is the first.")
    source = models.CharField(max_length=10, choices=Source.choices)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.REAL)
    rubric_version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="items")
    specialty = models.CharField(
        max_length=80, blank=True, help_text="Only for reviewers of this specialty; empty for all."
    )
    triage = models.FloatField(default=0.0, help_text="Among equal priorities higher is served first.")
    reference = models.JSONField(null=True, blank=True, help_text="The reference answer of a gold or training item.")
    free_slots = models.GeneratedField(
        expression=Case(
            When(kind="REAL", then=F("required") - F("reserved_count") - F("done_count")), default=Value(None)
        ),
        output_field=models.IntegerField(null=True),
        db_persist=True,
    )
    agreement = models.FloatField(null=True, blank=True, editable=False)

    class Meta(Served.Meta):
        constraints = [
            models.UniqueConstraint(fields=["trajectory", "leaf_seq", "source"], name="item_once_per_source"),
            models.CheckConstraint(
                condition=~Q(kind="REAL") | Q(required__gte=F("reserved_count") + F("done_count")),
                name="item_never_over_served",
            ),
            models.CheckConstraint(condition=Q(required__gte=1), name="item_needs_a_reviewer"),
            models.CheckConstraint(
                condition=Q(kind="REAL", reference__isnull=True) | (~Q(kind="REAL") & Q(reference__isnull=False)),
                name="item_reference_iff_not_real",
            ),
            models.CheckConstraint(
                condition=(Q(state="DONE", kind="REAL", done_count=F("required")))
                | (~Q(state="DONE") & (~Q(kind="REAL") | Q(done_count__lt=F("required")))),
                name="item_done_iff_enough",
            ),
            models.CheckConstraint(
                condition=(Q(state="RETIRED") & ~Q(retired_reason="")) | (~Q(state="RETIRED") & Q(retired_reason="")),
                name="item_retired_with_reason",
            ),
            models.CheckConstraint(condition=Q(draw__gte=0, draw__lt=1), name="item_draw_0_to_1"),
        ]
        indexes = [
            # What a claim looks through: open places of one specialty, best first or in random order.
            models.Index(
                "specialty",
                F("priority").desc(),
                F("triage").desc(),
                "draw",
                condition=Q(state="OPEN", kind="REAL", free_slots__gt=0),
                name="item_open_by_priority",
            ),
            models.Index(
                "specialty", "draw", condition=Q(state="OPEN", kind="REAL", free_slots__gt=0), name="item_open_by_draw"
            ),
            models.Index("kind", "draw", condition=Q(state="OPEN") & ~Q(kind="REAL"), name="item_reference_kinds"),
            models.Index("agreement", "draw", condition=Q(state="DONE", done_count__gte=2), name="item_by_agreement"),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} {self.pk}"
