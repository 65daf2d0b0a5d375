"""A remark stays as it was said; of a mention only that it was seen can be added."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

FORWARD = """
CREATE TRIGGER review_remark_append_only BEFORE UPDATE OR DELETE ON review_remark
    FOR EACH ROW EXECUTE FUNCTION review_refuse_change('a remark stays as it was said');
CREATE TRIGGER review_mention_stays BEFORE UPDATE OF remark_id, user_id OR DELETE ON review_mention
    FOR EACH ROW EXECUTE FUNCTION review_refuse_change('whom a remark names does not change');
"""
BACKWARD = """
DROP TRIGGER review_mention_stays ON review_mention;
DROP TRIGGER review_remark_append_only ON review_remark;
"""
VIEWERS = ("adjudicator", "data manager", "auditor")


def let_view(apps, schema_editor):
    # Permissions are made after all migrations; these groups need theirs now.
    create_permissions(installed.get_app_config("review"), verbosity=0, using=schema_editor.connection.alias)
    may = apps.get_model("auth", "Permission").objects.get(content_type__app_label="review", codename="view_remark")
    for name in VIEWERS:
        apps.get_model("auth", "Group").objects.get(name=name).permissions.add(may)


class Migration(migrations.Migration):
    dependencies = [("review", "0017_remarks")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunPython(let_view, migrations.RunPython.noop),
    ]
