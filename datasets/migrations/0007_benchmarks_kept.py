"""A benchmark that was used never changes, nor does what decided a run of it or what came of it; and who may do what."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

DATA_MANAGER, AUDITOR = "data manager", "auditor"
MODELS = ("benchmark", "benchmarkcase", "benchmarkrun", "benchmarkchunk", "benchmarkresult")
MANAGED = {"benchmark": ("add", "change"), "benchmarkrun": ("add", "change")}

FORWARD = """
CREATE TRIGGER datasets_benchmarkrun_decided
    BEFORE UPDATE OF benchmark_id, policy, settings, seed, samples, graph_hash, metric_version, prompt_hash, manifest,
        fingerprint, result_count
    ON datasets_benchmarkrun
    FOR EACH ROW EXECUTE FUNCTION datasets_refuse_change('what decides a run never changes: start another one');

CREATE TRIGGER datasets_benchmarkresult_kept BEFORE UPDATE OF record, trajectory_id, leaf_seq, outcome, format_failures
    ON datasets_benchmarkresult FOR EACH ROW WHEN (OLD.record IS NOT NULL)
    EXECUTE FUNCTION datasets_refuse_change('a result is kept as it came: another run gives another one');
CREATE TRIGGER datasets_benchmarkresult_asked BEFORE UPDATE OF run_id, case_id, sample, position
    ON datasets_benchmarkresult FOR EACH ROW
    EXECUTE FUNCTION datasets_refuse_change('what was asked never changes: start another run');

ALTER TABLE datasets_benchmarkresult ADD CONSTRAINT benchmarkresult_leaf_exists
    FOREIGN KEY (trajectory_id, leaf_seq) REFERENCES diagnosis_trajectorynode (trajectory_id, seq);

CREATE FUNCTION datasets_benchmark_used() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM datasets_benchmarkrun WHERE benchmark_id = OLD.id) THEN
        RAISE EXCEPTION 'benchmark % was used and is frozen: make another one', OLD.key
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER datasets_benchmark_frozen BEFORE UPDATE OF key, protocol, content_hash, case_count OR DELETE
    ON datasets_benchmark FOR EACH ROW EXECUTE FUNCTION datasets_benchmark_used();

-- The lock makes this wait for a run that is being started at this moment, and that run for this.
CREATE FUNCTION datasets_benchmarkcase_used() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    part record;
BEGIN
    IF TG_OP = 'DELETE' THEN part := OLD; ELSE part := NEW; END IF;
    PERFORM 1 FROM datasets_benchmark
        WHERE id IN (part.benchmark_id, CASE WHEN TG_OP = 'UPDATE' THEN OLD.benchmark_id END) FOR UPDATE;
    IF EXISTS (
        SELECT 1 FROM datasets_benchmarkrun
        WHERE benchmark_id IN (part.benchmark_id, CASE WHEN TG_OP = 'UPDATE' THEN OLD.benchmark_id END)
    ) THEN
        RAISE EXCEPTION 'this is part of a benchmark that was used: make another one'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN part;
END $$;
CREATE TRIGGER datasets_benchmarkcase_frozen BEFORE INSERT OR UPDATE OR DELETE ON datasets_benchmarkcase
    FOR EACH ROW EXECUTE FUNCTION datasets_benchmarkcase_used();
"""
BACKWARD = """
DROP TRIGGER datasets_benchmarkcase_frozen ON datasets_benchmarkcase;
DROP TRIGGER datasets_benchmark_frozen ON datasets_benchmark;
ALTER TABLE datasets_benchmarkresult DROP CONSTRAINT benchmarkresult_leaf_exists;
DROP TRIGGER datasets_benchmarkresult_asked ON datasets_benchmarkresult;
DROP TRIGGER datasets_benchmarkresult_kept ON datasets_benchmarkresult;
DROP TRIGGER datasets_benchmarkrun_decided ON datasets_benchmarkrun;
DROP FUNCTION datasets_benchmarkcase_used();
DROP FUNCTION datasets_benchmark_used();
"""


def give_rights(apps, schema_editor):
    # Permissions are made after all migrations; these groups need theirs now.
    create_permissions(installed.get_app_config("datasets"), verbosity=0, using=schema_editor.connection.alias)
    group = apps.get_model("auth", "Group")
    ours = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="datasets")
    viewing = ours.filter(codename__in=[f"view_{model}" for model in MODELS])
    managing = ours.filter(codename__in=[f"{verb}_{model}" for model, verbs in MANAGED.items() for verb in verbs])
    group.objects.get_or_create(name=AUDITOR)[0].permissions.add(*viewing)
    group.objects.get_or_create(name=DATA_MANAGER)[0].permissions.add(*viewing, *managing)


class Migration(migrations.Migration):
    dependencies = [("datasets", "0006_benchmarks"), ("datasets", "0003_roles")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
