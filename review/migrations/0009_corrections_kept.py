"""What PostgreSQL holds corrections to: what was run stays as it was; the end of a re-run makes it ready."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

FORWARD = """
CREATE FUNCTION review_correction_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('ACCEPTED', 'DISCARDED') THEN
        RAISE EXCEPTION 'this correction is % and stays as it is', lower(OLD.state)
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (OLD.item_id, OLD.reviewer_id, OLD.follows_id, OLD.turn_number, OLD.turn_seq, OLD.created_at)
       IS DISTINCT FROM (NEW.item_id, NEW.reviewer_id, NEW.follows_id, NEW.turn_number, NEW.turn_seq, NEW.created_at) THEN
        RAISE EXCEPTION 'a correction is of one turn' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state <> 'DRAFT' AND (
        NEW.state = 'DRAFT' OR (OLD.state = 'READY' AND NEW.state = 'RUNNING')
        OR (OLD.written, OLD.reason, OLD.turn, OLD.text, OLD.trajectory_id, OLD.stage, OLD.run_at)
           IS DISTINCT FROM (NEW.written, NEW.reason, NEW.turn, NEW.text, NEW.trajectory_id, NEW.stage, NEW.run_at)) THEN
        RAISE EXCEPTION 'a correction that was run is not rewritten: write another'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_correction_kept BEFORE UPDATE ON review_correction
    FOR EACH ROW EXECUTE FUNCTION review_correction_kept();
CREATE TRIGGER review_correction_stays BEFORE DELETE ON review_correction
    FOR EACH ROW EXECUTE FUNCTION review_refuse_change('a correction is discarded, not deleted');

-- Its own trajectory and no other: of the same case, and never the one that was judged.
CREATE FUNCTION review_correction_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.trajectory_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM diagnosis_trajectory again, review_reviewitem item
            JOIN diagnosis_trajectory original ON original.id = item.trajectory_id
            WHERE item.id = NEW.item_id AND again.id = NEW.trajectory_id
              AND again.origin = 'CORRECTED' AND again.case_id = original.case_id) THEN
        RAISE EXCEPTION 'a correction is run in a trajectory of its own, of the same case'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_correction_fits BEFORE INSERT OR UPDATE OF trajectory_id ON review_correction
    FOR EACH ROW EXECUTE FUNCTION review_correction_fits();

CREATE FUNCTION review_rerun_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE review_correction SET state = 'READY', leaf_seq = NEW.leaf_seq
        WHERE trajectory_id = NEW.trajectory_id AND state = 'RUNNING';
    RETURN NEW;
END $$;
CREATE TRIGGER review_rerun_ended AFTER UPDATE OF state ON diagnosis_session
    FOR EACH ROW WHEN (OLD.state = 'ACTIVE' AND NEW.state <> 'ACTIVE') EXECUTE FUNCTION review_rerun_ended();
"""
BACKWARD = """
DROP TRIGGER review_rerun_ended ON diagnosis_session;
DROP TRIGGER review_correction_fits ON review_correction;
DROP TRIGGER review_correction_stays ON review_correction;
DROP TRIGGER review_correction_kept ON review_correction;
DROP FUNCTION review_rerun_ended();
DROP FUNCTION review_correction_fits();
DROP FUNCTION review_correction_kept();
"""
VIEWERS = ("adjudicator", "data manager", "auditor")


def let_view(apps, schema_editor):
    # Permissions are made after all migrations; these groups need theirs now.
    create_permissions(installed.get_app_config("review"), verbosity=0, using=schema_editor.connection.alias)
    may = apps.get_model("auth", "Permission").objects.get(
        content_type__app_label="review", codename="view_correction"
    )
    for name in VIEWERS:
        apps.get_model("auth", "Group").objects.get(name=name).permissions.add(may)


class Migration(migrations.Migration):
    dependencies = [("review", "0008_corrections")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunPython(let_view, migrations.RunPython.noop),
    ]
