"""A draft knows that its pair was answered, so that a claim need not look through all that were."""

from django.db import migrations, models
from django.db.models import Exists, OuterRef


def mark_answered(apps, schema_editor):
    preferences = apps.get_model("review", "Preference").objects
    mine = preferences.filter(pair=OuterRef("pair"), reviewer=OuterRef("reviewer"))
    apps.get_model("review", "PairDraft").objects.filter(Exists(mine)).update(answered=True)


class Migration(migrations.Migration):
    dependencies = [("review", "0022_case_tickets_kept")]
    operations = [
        migrations.AddField(
            "pairdraft",
            "answered",
            models.BooleanField(default=False, help_text="A preference is stored."),
        ),
        migrations.RunPython(mark_answered, migrations.RunPython.noop),
        migrations.AddIndex(
            "pairdraft",
            models.Index(condition=models.Q(("answered", False)), fields=["reviewer"], name="pairdraft_begun"),
        ),
    ]
