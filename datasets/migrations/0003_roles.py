"""The roles learner, data manager and auditor, as groups. A site may change them afterwards."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

LEARNER, DATA_MANAGER, AUDITOR = "learner", "data manager", "auditor"
OURS = ("diagnosis", "datasets")
# What a data manager may start, steer or write. Everything that is kept for good can only be looked at.
MANAGED = {
    "distillationrun": ("add", "change"),
    "selection": ("add",),
    "caseimport": ("add", "change"),
    "casecheck": ("add", "change"),
    "dataset": ("add", "change"),
    "datasetversion": ("add", "change"),
    "export": ("add", "change"),
}


def make_roles(apps, schema_editor):
    # Permissions are made after all migrations; these groups need theirs now.
    for label in OURS:
        create_permissions(installed.get_app_config(label), verbosity=0, using=schema_editor.connection.alias)
    group = apps.get_model("auth", "Group")
    permission = apps.get_model("auth", "Permission")
    group.objects.get_or_create(name=LEARNER)
    viewing = permission.objects.filter(content_type__app_label__in=OURS, codename__startswith="view_")
    names = [f"{verb}_{model}" for model, verbs in MANAGED.items() for verb in verbs]
    managing = permission.objects.filter(content_type__app_label="datasets", codename__in=names)
    group.objects.get_or_create(name=AUDITOR)[0].permissions.add(*viewing)
    group.objects.get_or_create(name=DATA_MANAGER)[0].permissions.add(*viewing, *managing)


class Migration(migrations.Migration):
    dependencies = [
        ("datasets", "0002_kept_for_good"),
        ("diagnosis", "0003_session_idempotency"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
