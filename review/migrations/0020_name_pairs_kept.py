"""What a judge and what people said of two names is kept; who may look at it."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

TABLES = ("judgeruling", "humanruling")
FORWARD = "\n".join(
    f"CREATE TRIGGER review_{table}_append_only BEFORE UPDATE OR DELETE ON review_{table}"
    " FOR EACH ROW EXECUTE FUNCTION review_refuse_change('a ruling is kept as it was given');"
    for table in TABLES
)
BACKWARD = "\n".join(f"DROP TRIGGER review_{table}_append_only ON review_{table};" for table in TABLES)
VIEWING = ["view_namepair", "view_judgeruling", "view_humanruling"]


def make_roles(apps, schema_editor):
    # Permissions are made after all migrations; these groups need theirs now.
    create_permissions(installed.get_app_config("review"), verbosity=0, using=schema_editor.connection.alias)
    group = apps.get_model("auth", "Group")
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="review")
    for name in ("data manager", "auditor"):
        group.objects.get_or_create(name=name)[0].permissions.add(*permissions.filter(codename__in=VIEWING))


class Migration(migrations.Migration):
    dependencies = [("review", "0019_name_pairs"), ("review", "0002_kept_for_good")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunPython(make_roles, migrations.RunPython.noop),
    ]
