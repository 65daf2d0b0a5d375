import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from diagnosis.models import Case, ModelRelease, Trajectory

from .run import ENDED_STATES, GIVEN_UP_STATES
from .work import Work


class Benchmark(models.Model):
    """Cases, each in the revision it had, and the protocol under which they are worked up.

    Frozen by triggers as soon as a run uses it. ``protocol`` is ``{"horizon", "menu_visible"}``; ``content_hash`` is of
    the protocol and of the cases' content hashes in their order.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="benchmarks"
    )
    protocol = models.JSONField()
    content_hash = models.CharField(max_length=64, unique=True)
    case_count = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=Q(case_count__gt=0), name="benchmark_has_cases")]

    def __str__(self) -> str:
        return self.name


class BenchmarkCase(models.Model):
    """One case of a benchmark, as the revision that is asked."""

    benchmark = models.ForeignKey(Benchmark, on_delete=models.CASCADE, related_name="cases")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="benchmark_cases")
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["benchmark", "position"]
        constraints = [
            models.UniqueConstraint(fields=["benchmark", "case"], name="benchmarkcase_case"),
            models.UniqueConstraint(fields=["benchmark", "position"], name="benchmarkcase_position"),
        ]

    def __str__(self) -> str:
        return f"{self.benchmark}, case {self.position + 1}"


class BenchmarkRun(models.Model):
    """A policy or a model over all cases of a benchmark, each worked up ``samples`` times.

    The states are those of a distillation run, and change in the same way. ``manifest`` holds everything that decides
    the result, ``fingerprint`` is its hash. ``report`` is ``medaction.bench.build_report`` of the results so far,
    without the records; the page says of how many.
    """

    DONE, ALL = "done_count", "result_count"

    class State(models.TextChoices):
        QUEUED = "QUEUED", "Waiting for a worker"
        RUNNING = "RUNNING", "Running"
        PAUSED = "PAUSED", "Paused"
        CANCELLED = "CANCELLED", "Cancelled"
        FAILED = "FAILED", "Failed"
        SUCCEEDED = "SUCCEEDED", "Done"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    benchmark = models.ForeignKey(Benchmark, on_delete=models.PROTECT, related_name="runs")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="benchmark_runs"
    )
    policy = models.CharField(max_length=160, db_index=True)
    policy_label = models.CharField(max_length=200)
    release = models.ForeignKey(
        ModelRelease, on_delete=models.PROTECT, null=True, blank=True, related_name="benchmark_runs"
    )
    settings = models.JSONField(help_text="Of the run, beside the benchmark's protocol.")
    seed = models.BigIntegerField()
    samples = models.PositiveSmallIntegerField(default=1)
    graph_hash = models.CharField(max_length=64)
    metric_version = models.CharField(max_length=40)
    prompt_hash = models.CharField(max_length=64)
    manifest = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    error_message = models.CharField(max_length=400, blank=True)
    result_count = models.PositiveIntegerField(help_text="Cases times samples.")
    done_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0, help_text="Of which no result came.")
    report = models.JSONField(default=dict)
    reported_at = models.DateTimeField(null=True, blank=True)
    seconds_worked = models.FloatField(default=0, help_text="Of all workers together; pauses do not count.")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    progressed_at = models.DateTimeField(null=True, blank=True, help_text="When something last came of it.")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"], condition=~Q(state__in=GIVEN_UP_STATES), name="benchmarkrun_fingerprint"
            ),
            models.CheckConstraint(
                condition=(Q(state__in=ENDED_STATES) & Q(finished_at__isnull=False))
                | (~Q(state__in=ENDED_STATES) & Q(finished_at__isnull=True)),
                name="benchmarkrun_finished_iff_ended",
            ),
            models.CheckConstraint(
                condition=Q(samples__gt=0) & Q(result_count__gte=F("done_count") + F("failed_count")),
                name="benchmarkrun_counts_its_results",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_label} on {self.benchmark}"

    @property
    def pieces(self) -> models.Manager["BenchmarkResult"]:
        """What comes of it one by one."""
        return self.results


class BenchmarkChunk(Work):
    """A few results of a run: what a worker takes at a time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(BenchmarkRun, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()

    class Meta(Work.Meta):
        abstract = False
        ordering = ["run", "number"]
        constraints = [
            *Work.Meta.constraints,
            models.UniqueConstraint(fields=["run", "number"], name="benchmarkchunk_number"),
        ]

    def __str__(self) -> str:
        return f"Part {self.number} of {self.run}"

    @property
    def pieces(self) -> models.Manager["BenchmarkResult"]:
        return self.results


class BenchmarkResult(models.Model):
    """What came of one case in one sample: the library's record and the path that was taken, or why there is none.

    ``record`` is ``medaction.bench.bench_case`` without its branch, which is the trajectory; a trigger keeps it as it
    is. The columns repeat what is looked for.
    """

    class Outcome(models.TextChoices):
        RIGHT = "RIGHT", "Right"
        BROADER = "BROADER", "Broader"
        WRONG = "WRONG", "Another disease"
        UNLINKED = "UNLINKED", "Not linked"
        NONE = "NONE", "No diagnosis"

    run = models.ForeignKey(BenchmarkRun, on_delete=models.CASCADE, related_name="results")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="benchmark_results")
    sample = models.PositiveSmallIntegerField(default=0)
    chunk = models.ForeignKey(BenchmarkChunk, on_delete=models.CASCADE, null=True, related_name="results")
    position = models.PositiveIntegerField(help_text="In the order of the benchmark's cases, then of the samples.")
    record = models.JSONField(null=True)
    trajectory = models.OneToOneField(Trajectory, on_delete=models.PROTECT, null=True, related_name="benchmark_result")
    leaf_seq = models.PositiveIntegerField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    format_failures = models.PositiveSmallIntegerField(default=0)
    error_message = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["run", "position"]
        constraints = [
            models.UniqueConstraint(fields=["run", "case", "sample"], name="benchmarkresult_once"),
            models.UniqueConstraint(fields=["run", "position"], name="benchmarkresult_position"),
            models.CheckConstraint(
                condition=Q(record__isnull=True, trajectory__isnull=True, leaf_seq__isnull=True, outcome="")
                | Q(
                    record__isnull=False,
                    trajectory__isnull=False,
                    leaf_seq__isnull=False,
                    outcome__gt="",
                    error_message="",
                ),
                name="benchmarkresult_whole_or_none",
            ),
        ]
        indexes = [models.Index(fields=["run", "outcome"], name="benchmarkresult_outcomes")]

    def __str__(self) -> str:
        return f"{self.run}, case {self.case_id}, sample {self.sample}"
