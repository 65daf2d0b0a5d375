import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

HASHES = ("base_hash", "adapter_hash", "chat_template_hash", "prompt_hash", "trained_on", "content_hash")
HASH_OR_NOTHING = r"^([0-9a-f]{64})?$"


class ModelRelease(models.Model):
    """A model as it may be used: at which address, under which name, with which weights, template and prompt.

    A hash is 64 hexadecimal digits, or empty where nobody knows it. ``content_hash`` is of everything that decides what
    the model answers. DISABLED is the kill switch: no turn is asked of it, and a turn that is being written is stopped.
    """

    class Engine(models.TextChoices):
        POLICY = "POLICY", "Policy server"
        LLAMA_CPP = "LLAMA_CPP", "Embedded llama.cpp"
        VLLM = "VLLM", "vLLM"
        OTHER = "OTHER", "OpenAI-compatible server"
        SCRIPTED = "SCRIPTED", "Script"

    class State(models.TextChoices):
        ENABLED = "ENABLED", "Enabled"
        DISABLED = "DISABLED", "Switched off"

    class Health(models.TextChoices):
        UNKNOWN = "UNKNOWN", "Not checked yet"
        OK = "OK", "Answers"
        FAILING = "FAILING", "Does not answer"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=120, unique=True, help_text="What a walkthrough stores, e.g. policy:kg.")
    label = models.CharField(max_length=160)
    engine = models.CharField(max_length=10, choices=Engine.choices)
    base_url = models.CharField(max_length=400, blank=True, help_text="One of the addresses that the settings allow.")
    served_name = models.CharField(max_length=200, help_text="What a request names.")
    configured = models.BooleanField(default=False, help_text="Offered because the settings name it.")
    base_hash = models.CharField(max_length=64, blank=True)
    adapter_hash = models.CharField(max_length=64, blank=True)
    chat_template_hash = models.CharField(max_length=64, blank=True)
    prompt_hash = models.CharField(max_length=64, blank=True)
    trained_on = models.CharField(max_length=64, blank=True, help_text="Content hash of a dataset version.")
    content_hash = models.CharField(max_length=64)
    card = models.TextField(blank=True, help_text="The model card, as Markdown.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ENABLED)
    state_reason = models.CharField(max_length=300, blank=True)
    state_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    state_at = models.DateTimeField(null=True, blank=True)
    health = models.CharField(max_length=10, choices=Health.choices, default=Health.UNKNOWN)
    health_message = models.CharField(max_length=400, blank=True)
    health_checked_at = models.DateTimeField(null=True, blank=True)
    registered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["label", "key"]
        constraints = [
            models.CheckConstraint(condition=~Q(key="") & ~Q(served_name=""), name="release_is_named"),
            models.CheckConstraint(
                condition=Q(engine="SCRIPTED", base_url="")
                | (~Q(engine="SCRIPTED") & Q(base_url__regex=r"^https?://")),
                name="release_address_iff_served",
            ),
            models.CheckConstraint(
                condition=Q(**{f"{name}__regex": HASH_OR_NOTHING for name in HASHES}), name="release_hashes"
            ),
            models.CheckConstraint(condition=~Q(content_hash=""), name="release_has_content_hash"),
            models.CheckConstraint(
                condition=Q(state="ENABLED") | (Q(state="DISABLED", state_at__isnull=False) & ~Q(state_reason="")),
                name="release_disabled_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(health="UNKNOWN", health_checked_at__isnull=True)
                | Q(health__in=("OK", "FAILING"), health_checked_at__isnull=False),
                name="release_health_iff_checked",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_enabled(self) -> bool:
        return self.state == self.State.ENABLED


class ReleaseEvent(models.Model):
    """What was done to a release, when, by whom and why. Append-only: a trigger refuses any change."""

    class Kind(models.TextChoices):
        REGISTERED = "REGISTERED", "Registered"
        CHANGED = "CHANGED", "Changed"
        DISABLED = "DISABLED", "Switched off"
        ENABLED = "ENABLED", "Enabled again"

    release = models.ForeignKey(ModelRelease, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    reason = models.CharField(max_length=300, blank=True)
    facts = models.JSONField(default=dict, help_text="What the release was from then on.")

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["release", "-at"], name="release_event_recent")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=("REGISTERED", "CHANGED")) | ~Q(reason=""), name="release_switched_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.release} {self.kind} {self.at:%Y-%m-%d %H:%M}"
