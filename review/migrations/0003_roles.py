"""The roles annotator and adjudicator, as groups; what a data manager and an auditor may do of review."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

ANNOTATOR, ADJUDICATOR, DATA_MANAGER, AUDITOR = "annotator", "adjudicator", "data manager", "auditor"
# Who judges. What they see beyond their own work they see nowhere.
JUDGING = ["add_annotation", "add_skip"]
MANAGED = [
    *("add_rubric", "change_rubric", "add_rubricversion", "change_rubricversion"),
    *("add_reviewitem", "change_reviewitem", "add_reviewer", "change_reviewer"),
]


def make_roles(apps, schema_editor):
    # Permissions are made after all migrations; these groups need theirs now.
    create_permissions(installed.get_app_config("review"), verbosity=0, using=schema_editor.connection.alias)
    group = apps.get_model("auth", "Group")
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="review")
    viewing = permissions.filter(codename__startswith="view_")
    judging = permissions.filter(codename__in=JUDGING)
    given = {
        ANNOTATOR: [*judging],
        ADJUDICATOR: [*judging, *viewing.exclude(codename="view_auditentry")],
        DATA_MANAGER: [*viewing, *permissions.filter(codename__in=MANAGED)],
        AUDITOR: [*viewing],
    }
    for name, granted in given.items():
        group.objects.get_or_create(name=name)[0].permissions.add(*granted)


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0002_kept_for_good"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
