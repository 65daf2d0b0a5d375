"""What the graph said, what was shown of it, and what a reviewer had said before: none of it changes."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

FORWARD = """
CREATE TRIGGER review_reading_append_only BEFORE UPDATE OR DELETE ON review_graphreading
    FOR EACH ROW EXECUTE FUNCTION review_refuse_change('what a graph said stays as it was');
CREATE TRIGGER review_hint_append_only BEFORE UPDATE OR DELETE ON review_hintshown
    FOR EACH ROW EXECUTE FUNCTION review_refuse_change('what was shown stays as it was');

-- A hint comes after the reviewer's own label, and from a reading of the same item.
CREATE FUNCTION review_hint_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM review_graphreading WHERE id = NEW.reading_id AND item_id = NEW.item_id) THEN
        RAISE EXCEPTION 'a hint is read from its own item' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM review_draft
            WHERE item_id = NEW.item_id AND reviewer_id = NEW.reviewer_id
              AND labels -> 'turns' -> NEW.turn_number::text = NEW.label) THEN
        RAISE EXCEPTION 'a hint is shown after the label of its turn' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_hint_fits BEFORE INSERT ON review_hintshown
    FOR EACH ROW EXECUTE FUNCTION review_hint_fits();
"""
BACKWARD = """
DROP TRIGGER review_hint_fits ON review_hintshown;
DROP FUNCTION review_hint_fits();
DROP TRIGGER review_hint_append_only ON review_hintshown;
DROP TRIGGER review_reading_append_only ON review_graphreading;
"""
VIEWERS = ("adjudicator", "data manager", "auditor")
VIEWING = ("view_graphreading", "view_hintshown")


def let_view(apps, schema_editor):
    # Permissions are made after all migrations; these groups need theirs now.
    create_permissions(installed.get_app_config("review"), verbosity=0, using=schema_editor.connection.alias)
    may = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="review", codename__in=VIEWING)
    for name in VIEWERS:
        apps.get_model("auth", "Group").objects.get(name=name).permissions.add(*may)


class Migration(migrations.Migration):
    dependencies = [("review", "0013_graph_hints")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunPython(let_view, migrations.RunPython.noop),
    ]
