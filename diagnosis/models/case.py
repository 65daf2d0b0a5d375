from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q


class Case(models.Model):
    """One revision of a clinical case. The content never changes: other content under the same slug is a new revision.

    ``payload`` is ``medaction.domain.Case.to_dict()``. Search covers title, specialty and presentation, never the
    diagnosis: a search must not tell a learner what a case is.
    """

    slug = models.SlugField(max_length=120, help_text="The case's id in its source.")
    revision = models.PositiveIntegerField(default=1)
    is_current = models.BooleanField(default=True)
    title = models.CharField(max_length=200)
    specialty = models.CharField(max_length=80, db_index=True)
    difficulty = models.CharField(max_length=40, blank=True)
    age_years = models.FloatField(null=True, blank=True)
    sex = models.CharField(max_length=10, blank=True)
    presentation = models.TextField(help_text="The initial observation, o1.")
    source = models.CharField(max_length=200)
    licence = models.CharField(max_length=120)
    group_key = models.CharField(
        max_length=200, db_index=True, help_text="Article or patient; never straddles a dataset split."
    )
    synthetic = models.BooleanField(help_text="Written for teaching or from exam vignettes; not a real patient.")
    payload = models.JSONField()
    content_hash = models.CharField(max_length=64, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)
    search = models.GeneratedField(
        expression=SearchVector("title", "specialty", "presentation", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        ordering = ["specialty", "slug"]
        constraints = [
            models.UniqueConstraint(fields=["slug", "revision"], name="case_slug_revision"),
            models.UniqueConstraint(fields=["slug"], condition=Q(is_current=True), name="case_one_current"),
        ]
        indexes = [GinIndex(fields=["search"], name="case_search")]

    def __str__(self) -> str:
        return f"{self.slug} · {self.title}"
