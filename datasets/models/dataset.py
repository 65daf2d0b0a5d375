import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from .selection import Selection
from .snapshot import ReviewSnapshot
from .work import Work


class Dataset(models.Model):
    """A named collection; its versions are what can be used."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="datasets"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class DatasetVersion(Work):
    """The branches that some selections keep, or what a snapshot of judgements says is good, split by case group.

    Frozen once built: triggers refuse any change.

    ``recipe`` is what was asked for (seed, split, filters), ``manifest`` what came of it; both are the library's.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    selections = models.ManyToManyField(Selection, related_name="versions")
    snapshot = models.OneToOneField(
        ReviewSnapshot, on_delete=models.PROTECT, null=True, blank=True, related_name="version"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="dataset_versions"
    )
    recipe = models.JSONField(default=dict)
    manifest = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64, blank=True)
    counts = models.JSONField(default=dict)
    licences = models.JSONField(default=list)
    card = models.TextField(blank=True, help_text="The data card, as Markdown.")

    class Meta(Work.Meta):
        abstract = False
        ordering = ["dataset", "-number"]
        constraints = [
            *Work.Meta.constraints,
            models.UniqueConstraint(fields=["dataset", "number"], name="version_number"),
            models.CheckConstraint(
                condition=(Q(state="SUCCEEDED") & ~Q(content_hash="")) | (~Q(state="SUCCEEDED") & Q(content_hash="")),
                name="version_hash_iff_frozen",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dataset} v{self.number}"

    @property
    def is_frozen(self) -> bool:
        return self.state == self.State.SUCCEEDED


class SplitGroup(models.Model):
    """In which part of a version a case group is. One row a group: no patient can be on both sides."""

    class Split(models.TextChoices):
        TRAIN = "train", "Training"
        VALIDATION = "validation", "Validation"
        TEST = "test", "Test"

    version = models.ForeignKey(DatasetVersion, on_delete=models.CASCADE, related_name="groups")
    group_key = models.CharField(max_length=200)
    split = models.CharField(max_length=10, choices=Split.choices)

    class Meta:
        ordering = ["version", "group_key"]
        constraints = [models.UniqueConstraint(fields=["version", "group_key"], name="split_group_once")]

    def __str__(self) -> str:
        return f"{self.group_key}: {self.split}"


def place_of_export(export: "Export", name: str) -> str:
    return f"exports/{export.version_id}/{name}"


class Export(Work):
    """A version written in one format."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(DatasetVersion, on_delete=models.PROTECT, related_name="exports")
    format = models.CharField(max_length=20)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="exports"
    )
    file = models.FileField(upload_to=place_of_export, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    row_count = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta(Work.Meta):
        abstract = False
        ordering = ["-queued_at"]
        constraints = [
            *Work.Meta.constraints,
            models.UniqueConstraint(
                fields=["version", "format"], condition=~Q(state__in=("FAILED", "CANCELLED")), name="export_once"
            ),
            models.CheckConstraint(
                condition=(Q(state="SUCCEEDED") & ~Q(sha256="") & ~Q(file="") & Q(size_bytes__isnull=False))
                | (~Q(state="SUCCEEDED") & Q(sha256="")),
                name="export_file_iff_done",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} · {self.format}"
