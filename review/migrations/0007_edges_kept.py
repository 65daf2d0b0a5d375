"""What was said of an edge never changes, a decision stands; who may look at both, and who decides."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

FORWARD = """
CREATE TRIGGER review_edge_verdict_append_only BEFORE UPDATE OR DELETE ON review_edgeverdict
    FOR EACH ROW EXECUTE FUNCTION review_refuse_change('what was said of an edge is kept: another opinion is a revision');

CREATE FUNCTION review_edge_verdict_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before record;
BEGIN
    IF NEW.supersedes_id IS NOT NULL THEN
        SELECT reviewer_id, source, relation, target, revision INTO before
            FROM review_edgeverdict WHERE id = NEW.supersedes_id;
        IF (before.reviewer_id, before.source, before.relation, before.target, before.revision)
           IS DISTINCT FROM (NEW.reviewer_id, NEW.source, NEW.relation, NEW.target, NEW.revision - 1) THEN
            RAISE EXCEPTION 'a revision supersedes the one before it, of the same reviewer and edge'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_edge_verdict_fits BEFORE INSERT ON review_edgeverdict
    FOR EACH ROW EXECUTE FUNCTION review_edge_verdict_fits();

CREATE FUNCTION review_edge_proposal_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'OPEN'
       OR (OLD.source, OLD.relation, OLD.target, OLD.verdict)
          IS DISTINCT FROM (NEW.source, NEW.relation, NEW.target, NEW.verdict) THEN
        RAISE EXCEPTION 'a proposal is about one edge, and what was decided of it stands'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_edge_proposal_stands BEFORE UPDATE OR DELETE ON review_edgeproposal
    FOR EACH ROW EXECUTE FUNCTION review_edge_proposal_stands();
"""
BACKWARD = """
DROP TRIGGER review_edge_verdict_append_only ON review_edgeverdict;
DROP TRIGGER review_edge_verdict_fits ON review_edgeverdict;
DROP TRIGGER review_edge_proposal_stands ON review_edgeproposal;
DROP FUNCTION review_edge_verdict_fits();
DROP FUNCTION review_edge_proposal_stands();
"""
VIEWING = ["view_edgeverdict", "view_edgeproposal"]
GRANTED = {
    "adjudicator": VIEWING,
    "data manager": [*VIEWING, "change_edgeproposal"],
    "auditor": VIEWING,
}


def make_roles(apps, schema_editor):
    # Permissions are made after all migrations; these groups need theirs now.
    create_permissions(installed.get_app_config("review"), verbosity=0, using=schema_editor.connection.alias)
    group = apps.get_model("auth", "Group")
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="review")
    for name, granted in GRANTED.items():
        group.objects.get_or_create(name=name)[0].permissions.add(*permissions.filter(codename__in=granted))


class Migration(migrations.Migration):
    dependencies = [("review", "0006_edges"), ("review", "0003_roles")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunPython(make_roles, migrations.RunPython.noop),
    ]
