"""PostgreSQL itself refuses to change what was measured, decided or frozen."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION datasets_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER datasets_score_append_only BEFORE UPDATE OR DELETE ON datasets_score
    FOR EACH ROW EXECUTE FUNCTION datasets_refuse_change('scores are append-only: another version of the metric is another row');
CREATE TRIGGER datasets_verdict_append_only BEFORE UPDATE OR DELETE ON datasets_verdict
    FOR EACH ROW EXECUTE FUNCTION datasets_refuse_change('verdicts are append-only: other thresholds are another selection');
CREATE TRIGGER datasets_selection_thresholds BEFORE UPDATE OF run_id, thresholds, thresholds_hash ON datasets_selection
    FOR EACH ROW EXECUTE FUNCTION datasets_refuse_change('the thresholds of a selection never change: make another one');
CREATE TRIGGER datasets_run_decided
    BEFORE UPDATE OF policy, config, thresholds, seed, graph_hash, metric_version, manifest, fingerprint, case_count
    ON datasets_distillationrun
    FOR EACH ROW EXECUTE FUNCTION datasets_refuse_change('what decides a run never changes: start another one');

ALTER TABLE datasets_score ADD CONSTRAINT score_leaf_exists
    FOREIGN KEY (trajectory_id, leaf_seq) REFERENCES diagnosis_trajectorynode (trajectory_id, seq);

CREATE FUNCTION datasets_version_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'SUCCEEDED' THEN
        RAISE EXCEPTION 'version % is frozen: build another version', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER datasets_version_frozen BEFORE UPDATE OR DELETE ON datasets_datasetversion
    FOR EACH ROW EXECUTE FUNCTION datasets_version_frozen();

-- The share lock makes this wait for a build that is freezing the version at this moment.
CREATE FUNCTION datasets_part_of_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    part record;
BEGIN
    IF TG_OP = 'DELETE' THEN part := OLD; ELSE part := NEW; END IF;
    PERFORM 1 FROM datasets_datasetversion
        WHERE id IN (part.{version}, CASE WHEN TG_OP = 'UPDATE' THEN OLD.{version} END) AND state = 'SUCCEEDED' FOR SHARE;
    IF FOUND THEN
        RAISE EXCEPTION 'this is part of a frozen version: build another version'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN part;
END $$;
"""
PARTS = {"datasets_splitgroup": "version_id", "datasets_datasetversion_selections": "datasetversion_id"}
TRIGGERS = [
    ("datasets_score_append_only", "datasets_score"),
    ("datasets_verdict_append_only", "datasets_verdict"),
    ("datasets_selection_thresholds", "datasets_selection"),
    ("datasets_run_decided", "datasets_distillationrun"),
    ("datasets_version_frozen", "datasets_datasetversion"),
    *((f"{table}_frozen", table) for table in PARTS),
]


def forward() -> str:
    plain, part = FORWARD.split("-- The share lock")
    functions = [
        f"-- The share lock{part}".replace("datasets_part_of_frozen", f"{table}_frozen").replace("{version}", column)
        for table, column in PARTS.items()
    ]
    triggers = [
        f"CREATE TRIGGER {table}_frozen BEFORE INSERT OR UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {table}_frozen();"
        for table in PARTS
    ]
    return "\n".join([plain, *functions, *triggers])


def backward() -> str:
    functions = ["datasets_refuse_change", "datasets_version_frozen", *(f"{table}_frozen" for table in PARTS)]
    return "\n".join(
        [
            "ALTER TABLE datasets_score DROP CONSTRAINT score_leaf_exists;",
            *(f"DROP TRIGGER {name} ON {table};" for name, table in TRIGGERS),
            *(f"DROP FUNCTION {name}();" for name in functions),
        ]
    )


class Migration(migrations.Migration):
    dependencies = [("datasets", "0001_initial"), ("diagnosis", "0002_append_only_nodes")]
    operations = [migrations.RunSQL(forward(), backward())]
