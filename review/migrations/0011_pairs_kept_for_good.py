"""What PostgreSQL itself holds pairs to: a preference never changes, no pair is served too often; who may see them."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

FORWARD = """
CREATE TRIGGER review_pairskip_append_only BEFORE UPDATE OR DELETE ON review_pairskip
    FOR EACH ROW EXECUTE FUNCTION review_refuse_change('a skip is kept as it was');
CREATE TRIGGER review_pair_identity
    BEFORE UPDATE OF case_id, scope, shared, first_trajectory_id, first_leaf, second_trajectory_id, second_leaf,
        first_policy, second_policy, first_chars, second_chars, first_turns, second_turns, rubric_version_id, seed, draw
    ON review_pair
    FOR EACH ROW EXECUTE FUNCTION review_refuse_change('what a pair shows never changes: retire it and add another');
CREATE TRIGGER review_pairreservation_stays BEFORE UPDATE OF pair_id, reviewer_id, drawn ON review_pairreservation
    FOR EACH ROW EXECUTE FUNCTION review_refuse_change('a reservation is for one pair and one reviewer');

ALTER TABLE review_pair ADD CONSTRAINT pair_first_leaf_exists
    FOREIGN KEY (first_trajectory_id, first_leaf) REFERENCES diagnosis_trajectorynode (trajectory_id, seq);
ALTER TABLE review_pair ADD CONSTRAINT pair_second_leaf_exists
    FOREIGN KEY (second_trajectory_id, second_leaf) REFERENCES diagnosis_trajectorynode (trajectory_id, seq);

CREATE FUNCTION review_pair_of_one_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM diagnosis_trajectory
               WHERE id IN (NEW.first_trajectory_id, NEW.second_trajectory_id) AND case_id <> NEW.case_id) THEN
        RAISE EXCEPTION 'both ways of a pair are through its case' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_pair_of_one_case BEFORE INSERT ON review_pair
    FOR EACH ROW EXECUTE FUNCTION review_pair_of_one_case();

-- Whoever has a pair before them locks the rubric whose errors are its reasons.
CREATE FUNCTION review_count_pair_reserved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    used bigint;
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE review_pair SET reserved_count = reserved_count + 1 WHERE id = NEW.pair_id
            RETURNING rubric_version_id INTO used;
        UPDATE review_rubricversion SET state = 'LOCKED', locked_at = now() WHERE id = used AND state = 'DRAFT';
        RETURN NEW;
    END IF;
    UPDATE review_pair SET reserved_count = reserved_count - 1 WHERE id = OLD.pair_id;
    RETURN OLD;
END $$;
CREATE TRIGGER review_count_pair_reserved AFTER INSERT OR DELETE ON review_pairreservation
    FOR EACH ROW EXECUTE FUNCTION review_count_pair_reserved();

CREATE FUNCTION review_preference_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    pair record;
    before record;
BEGIN
    SELECT state INTO pair FROM review_pair WHERE id = NEW.pair_id FOR NO KEY UPDATE;
    IF pair.state = 'RETIRED' THEN
        RAISE EXCEPTION 'this pair is retired' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.supersedes_id IS NOT NULL THEN
        SELECT pair_id, reviewer_id, revision, "left", truth_shown_at INTO before
            FROM review_preference WHERE id = NEW.supersedes_id;
        IF (before.pair_id, before.reviewer_id, before.revision, before."left", before.truth_shown_at)
           IS DISTINCT FROM (NEW.pair_id, NEW.reviewer_id, NEW.revision - 1, NEW."left", NEW.truth_shown_at) THEN
            RAISE EXCEPTION 'a revision supersedes the one before it, of the same reviewer and pair, seen alike'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_preference_fits BEFORE INSERT ON review_preference
    FOR EACH ROW EXECUTE FUNCTION review_preference_fits();

-- With the first revision a reviewer is done.
CREATE FUNCTION review_count_preferred() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.revision = 1 THEN
        UPDATE review_pair SET done_count = done_count + 1,
            state = CASE WHEN done_count + 1 = required THEN 'DONE' ELSE state END
            WHERE id = NEW.pair_id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_count_preferred AFTER INSERT ON review_preference
    FOR EACH ROW EXECUTE FUNCTION review_count_preferred();

-- Only that the truth was shown is added, once.
CREATE FUNCTION review_preference_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.truth_shown_at IS NULL AND NEW.truth_shown_at >= OLD.created_at
       AND (to_jsonb(NEW) - 'truth_shown_at') = (to_jsonb(OLD) - 'truth_shown_at') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'preferences are append-only: a change of mind is another revision'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER review_preference_append_only BEFORE UPDATE OR DELETE ON review_preference
    FOR EACH ROW EXECUTE FUNCTION review_preference_append_only();
"""
TRIGGERS = {
    "review_pairskip_append_only": "review_pairskip",
    "review_pair_identity": "review_pair",
    "review_pairreservation_stays": "review_pairreservation",
    "review_pair_of_one_case": "review_pair",
    "review_count_pair_reserved": "review_pairreservation",
    "review_preference_fits": "review_preference",
    "review_count_preferred": "review_preference",
    "review_preference_append_only": "review_preference",
}
FUNCTIONS = [
    "review_pair_of_one_case()",
    "review_count_pair_reserved()",
    "review_preference_fits()",
    "review_count_preferred()",
    "review_preference_append_only()",
]
BACKWARD = "\n".join(
    [
        "ALTER TABLE review_pair DROP CONSTRAINT pair_first_leaf_exists;",
        "ALTER TABLE review_pair DROP CONSTRAINT pair_second_leaf_exists;",
        *(f"DROP TRIGGER {name} ON {table};" for name, table in TRIGGERS.items()),
        *(f"DROP FUNCTION {name};" for name in FUNCTIONS),
    ]
)
ADJUDICATOR, DATA_MANAGER, AUDITOR = "adjudicator", "data manager", "auditor"
VIEWED = ["view_pair", "view_preference", "view_pairskip"]
GIVEN = {ADJUDICATOR: VIEWED, AUDITOR: VIEWED, DATA_MANAGER: [*VIEWED, "add_pair", "change_pair"]}


def make_roles(apps, schema_editor):
    # Permissions are made after all migrations; these groups need theirs now.
    create_permissions(installed.get_app_config("review"), verbosity=0, using=schema_editor.connection.alias)
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="review")
    for name, codenames in GIVEN.items():
        group = apps.get_model("auth", "Group").objects.get_or_create(name=name)[0]
        group.permissions.add(*permissions.filter(codename__in=codenames))


class Migration(migrations.Migration):
    dependencies = [("review", "0010_pairs")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunPython(make_roles, migrations.RunPython.noop),
    ]
