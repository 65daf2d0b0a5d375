from django.conf import settings
from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import Cast


def fill_keys(apps, schema_editor):
    session = apps.get_model("diagnosis", "Session")
    session.objects.update(idempotency_key=Cast(F("id"), models.CharField()))


class Migration(migrations.Migration):
    dependencies = [
        ("diagnosis", "0002_append_only_nodes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="session",
            name="idempotency_key",
            field=models.CharField(
                default="", help_text="Pressing Watch twice opens one walkthrough.", max_length=80
            ),
            preserve_default=False,
        ),
        migrations.RunPython(fill_keys, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.UniqueConstraint(fields=("owner", "idempotency_key"), name="session_idempotency"),
        ),
    ]
