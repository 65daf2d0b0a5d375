from django.db import models


class Served(models.Model):
    """Something that reviewers are given to judge, each once, until ``required`` of them have.

    ``reserved_count`` and ``done_count`` are kept by triggers; that they never exceed ``required`` is a constraint.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", "Open"
        RETIRED = "RETIRED", "Retired"
        DONE = "DONE", "Done"

    required = models.PositiveSmallIntegerField(default=1, help_text="How many reviewers are to judge it.")
    priority = models.SmallIntegerField(default=0, help_text="Higher is served first.")
    reason = models.CharField(max_length=400, help_text="Why it is here, in words.")
    draw = models.FloatField(help_text="Its place in the uniform random order, 0 to 1, from a seed and its id.")
    state = models.CharField(max_length=7, choices=State.choices, default=State.OPEN)
    retired_reason = models.CharField(max_length=400, blank=True)
    reserved_count = models.PositiveSmallIntegerField(default=0, editable=False)
    done_count = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
        ordering = ["-created_at"]
