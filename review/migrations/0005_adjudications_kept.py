"""What PostgreSQL holds adjudications to, how far the judgements of an item agree, and who may adjudicate."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

ADJUDICATOR, DATA_MANAGER, AUDITOR = "adjudicator", "data manager", "auditor"
ADJUDICATING = ["add_adjudication", "add_exemplar", "delete_exemplar"]
VIEWING = ["view_adjudication", "view_exemplar"]

FORWARD = """
CREATE TRIGGER review_adjudication_append_only BEFORE UPDATE OR DELETE ON review_adjudication
    FOR EACH ROW EXECUTE FUNCTION review_refuse_change('an adjudication is append-only: a change is another one');

CREATE FUNCTION review_adjudication_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    item record;
    before record;
BEGIN
    SELECT state, kind INTO item FROM review_reviewitem WHERE id = NEW.item_id FOR NO KEY UPDATE;
    IF item.state <> 'DONE' OR item.kind <> 'REAL' THEN
        RAISE EXCEPTION 'an item is adjudicated when all its judgements are there'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM review_annotation
                   WHERE id = NEW.annotation_id AND item_id = NEW.item_id AND stage <> 'FIRST') THEN
        RAISE EXCEPTION 'an adjudication points at a judgement of its own item, given with the truth shown'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM review_annotation a JOIN review_reviewer r ON r.id = a.reviewer_id
               WHERE a.item_id = NEW.item_id AND r.user_id = NEW.by_id AND a.stage <> 'THIRD') THEN
        RAISE EXCEPTION 'nobody adjudicates an item that they judged themselves'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.supersedes_id IS NOT NULL THEN
        SELECT item_id, revision INTO before FROM review_adjudication WHERE id = NEW.supersedes_id;
        IF (before.item_id, before.revision) IS DISTINCT FROM (NEW.item_id, NEW.revision - 1) THEN
            RAISE EXCEPTION 'an adjudication supersedes the one before it, of the same item'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_adjudication_fits BEFORE INSERT ON review_adjudication
    FOR EACH ROW EXECUTE FUNCTION review_adjudication_fits();

CREATE FUNCTION review_exemplar_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM review_adjudication d JOIN review_reviewitem i ON i.id = d.item_id
                   WHERE d.id = NEW.adjudication_id AND NEW.turn_number = ANY (i.turn_numbers)) THEN
        RAISE EXCEPTION 'an exemplar is a turn of its item' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_exemplar_fits BEFORE INSERT ON review_exemplar
    FOR EACH ROW EXECUTE FUNCTION review_exemplar_fits();
CREATE TRIGGER review_exemplar_stays BEFORE UPDATE ON review_exemplar
    FOR EACH ROW EXECUTE FUNCTION review_refuse_change('an exemplar is not rewritten: take it away and mark another');

-- An adjudicator's own annotation is no judgement: it follows only its own kind, and is not counted.
CREATE FUNCTION review_annotation_stage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.supersedes_id IS NOT NULL AND (NEW.stage = 'THIRD') <>
       (SELECT stage = 'THIRD' FROM review_annotation WHERE id = NEW.supersedes_id) THEN
        RAISE EXCEPTION 'a judgement and what an adjudicator wrote do not supersede each other'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_annotation_stage BEFORE INSERT ON review_annotation
    FOR EACH ROW EXECUTE FUNCTION review_annotation_stage();
DROP TRIGGER review_count_done ON review_annotation;
CREATE TRIGGER review_count_done AFTER INSERT ON review_annotation
    FOR EACH ROW WHEN (NEW.stage = 'SECOND') EXECUTE FUNCTION review_count_done();

CREATE FUNCTION review_agreement_of(judged uuid) RETURNS double precision LANGUAGE sql STABLE AS $$
    WITH latest AS (
        SELECT DISTINCT ON (reviewer_id) reviewer_id, labels FROM review_annotation
        WHERE item_id = judged AND stage = 'SECOND' ORDER BY reviewer_id, revision DESC
    ), steps AS (
        SELECT reviewer_id, turn.key, (turn.value ->> 'label')::float AS label
        FROM latest, jsonb_each(labels -> 'turns') AS turn WHERE turn.value ->> 'label' IS NOT NULL
    ), choices AS (
        SELECT reviewer_id, question ->> 'id' AS key, labels #>> ARRAY['trajectory', 'answers', question ->> 'id'] AS answer
        FROM latest, review_reviewitem i JOIN review_rubricversion v ON v.id = i.rubric_version_id,
            jsonb_array_elements(v.content -> 'trajectory_questions') AS question
        WHERE i.id = judged AND question ->> 'kind' = 'choice'
    ), shares AS (
        SELECT avg(1 - abs(one.label - other.label) / 2) AS share FROM steps one JOIN steps other
            ON one.key = other.key AND one.reviewer_id < other.reviewer_id GROUP BY one.key
        UNION ALL
        SELECT avg((one.answer = other.answer)::int) FROM choices one JOIN choices other
            ON one.key = other.key AND one.reviewer_id < other.reviewer_id GROUP BY one.key
    )
    SELECT avg(share) FROM shares
$$;
CREATE FUNCTION review_keep_agreement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE review_reviewitem SET agreement = review_agreement_of(NEW.item_id) WHERE id = NEW.item_id;
    RETURN NEW;
END $$;
CREATE TRIGGER review_keep_agreement AFTER INSERT ON review_annotation
    FOR EACH ROW WHEN (NEW.stage = 'SECOND') EXECUTE FUNCTION review_keep_agreement();
UPDATE review_reviewitem SET agreement = review_agreement_of(id) WHERE done_count > 1;
"""
BACKWARD = """
DROP TRIGGER review_count_done ON review_annotation;
CREATE TRIGGER review_count_done AFTER INSERT ON review_annotation
    FOR EACH ROW EXECUTE FUNCTION review_count_done();
DROP TRIGGER review_keep_agreement ON review_annotation;
DROP TRIGGER review_annotation_stage ON review_annotation;
DROP TRIGGER review_exemplar_stays ON review_exemplar;
DROP TRIGGER review_exemplar_fits ON review_exemplar;
DROP TRIGGER review_adjudication_fits ON review_adjudication;
DROP TRIGGER review_adjudication_append_only ON review_adjudication;
DROP FUNCTION review_keep_agreement();
DROP FUNCTION review_agreement_of(uuid);
DROP FUNCTION review_annotation_stage();
DROP FUNCTION review_exemplar_fits();
DROP FUNCTION review_adjudication_fits();
"""


def make_roles(apps, schema_editor):
    create_permissions(installed.get_app_config("review"), verbosity=0, using=schema_editor.connection.alias)
    group = apps.get_model("auth", "Group")
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="review")
    given = {ADJUDICATOR: [*ADJUDICATING, *VIEWING], DATA_MANAGER: VIEWING, AUDITOR: VIEWING}
    for name, granted in given.items():
        group.objects.get_or_create(name=name)[0].permissions.add(*permissions.filter(codename__in=granted))


class Migration(migrations.Migration):
    dependencies = [("review", "0004_adjudications")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunPython(make_roles, migrations.RunPython.noop),
    ]
