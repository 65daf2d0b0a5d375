"""What a ticket rests on is kept, and so is how it was resolved; who may look at tickets, and who resolves them."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

FORWARD = """
CREATE TRIGGER review_ticket_voice_append_only BEFORE UPDATE OR DELETE ON review_ticketvoice
    FOR EACH ROW EXECUTE FUNCTION review_refuse_change('what a ticket rests on is kept');
CREATE TRIGGER review_ticket_stands BEFORE UPDATE OR DELETE ON review_caseticket
    FOR EACH ROW WHEN (OLD.state = 'RESOLVED')
    EXECUTE FUNCTION review_refuse_change('a resolved ticket is kept: another judgement opens another');
CREATE TRIGGER review_ticket_of_one_case BEFORE UPDATE OF case_id, part ON review_caseticket
    FOR EACH ROW EXECUTE FUNCTION review_refuse_change('a ticket is about one case');
"""
BACKWARD = """
DROP TRIGGER review_ticket_voice_append_only ON review_ticketvoice;
DROP TRIGGER review_ticket_stands ON review_caseticket;
DROP TRIGGER review_ticket_of_one_case ON review_caseticket;
"""
VIEWING = ["view_caseticket", "view_ticketvoice"]
GRANTED = {"data manager": [*VIEWING, "change_caseticket"], "auditor": VIEWING}


def make_roles(apps, schema_editor):
    # Permissions are made after all migrations; these groups need theirs now.
    create_permissions(installed.get_app_config("review"), verbosity=0, using=schema_editor.connection.alias)
    group = apps.get_model("auth", "Group")
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="review")
    for name, granted in GRANTED.items():
        group.objects.get_or_create(name=name)[0].permissions.add(*permissions.filter(codename__in=granted))


class Migration(migrations.Migration):
    dependencies = [("review", "0021_case_tickets"), ("review", "0002_kept_for_good")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunPython(make_roles, migrations.RunPython.noop),
    ]
