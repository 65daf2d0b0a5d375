import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from .benchmark import Benchmark
from .work import Work


class HumanStanding(Work):
    """What people made of a benchmark's cases, as its leaderboard shows it. Worked out anew whenever it is asked for.

    It holds records under pseudonyms and leads to nobody's walkthrough. ``report`` is that of ``records``;
    ``left_out`` counts walkthroughs that do not count, by reason.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    benchmark = models.OneToOneField(Benchmark, on_delete=models.CASCADE, related_name="humans")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="human_standings"
    )
    records = models.JSONField(default=list)
    report = models.JSONField(default=dict)
    left_out = models.JSONField(default=dict)
    reader_count = models.PositiveIntegerField(default=0)
    reported_at = models.DateTimeField(null=True, blank=True)

    class Meta(Work.Meta):
        abstract = False
        ordering = ["benchmark"]
        constraints = [
            *Work.Meta.constraints,
            models.CheckConstraint(
                condition=Q(reader_count=0, report={}) | Q(reader_count__gt=0, reported_at__isnull=False),
                name="humanstanding_report_iff_readers",
            ),
        ]

    def __str__(self) -> str:
        return f"People on {self.benchmark}"

    @property
    def policy_label(self) -> str:
        return f"People, {self.reader_count} reader{'s' * (self.reader_count != 1)}"

    @property
    def settings(self) -> dict[str, Any]:
        """As of a run: people take their turns one by one."""
        return {"static": False, "temperature": None}
