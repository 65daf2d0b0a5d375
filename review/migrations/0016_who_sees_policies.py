"""Who took the turns of a pair is seen by those who look after the data, not by those who compare."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

DATA_MANAGER, AUDITOR = "data manager", "auditor"


def make_roles(apps, schema_editor):
    # Permissions are made after all migrations; these groups need theirs now.
    create_permissions(installed.get_app_config("review"), verbosity=0, using=schema_editor.connection.alias)
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="review")
    for name in (DATA_MANAGER, AUDITOR):
        group = apps.get_model("auth", "Group").objects.get_or_create(name=name)[0]
        group.permissions.add(*permissions.filter(codename="see_policies"))


class Migration(migrations.Migration):
    dependencies = [("review", "0015_agreement_report")]
    operations = [
        migrations.AlterModelOptions(
            name="pair",
            options={
                "ordering": ["-created_at"],
                "permissions": [("see_policies", "May see whose the two ways of a pair are")],
            },
        ),
        migrations.RunPython(make_roles, migrations.RunPython.noop),
    ]
