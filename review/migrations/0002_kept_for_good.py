"""What PostgreSQL itself holds review to: what was judged never changes, and no item is served too often."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION review_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER review_annotation_append_only BEFORE UPDATE OR DELETE ON review_annotation
    FOR EACH ROW EXECUTE FUNCTION review_refuse_change('annotations are append-only: an edit is another revision');
CREATE TRIGGER review_skip_append_only BEFORE UPDATE OR DELETE ON review_skip
    FOR EACH ROW EXECUTE FUNCTION review_refuse_change('a skip is kept as it was');
CREATE TRIGGER review_audit_append_only BEFORE UPDATE OR DELETE ON review_auditentry
    FOR EACH ROW EXECUTE FUNCTION review_refuse_change('the audit log is append-only');
CREATE TRIGGER review_item_identity
    BEFORE UPDATE OF trajectory_id, leaf_seq, turn_numbers, source, draw ON review_reviewitem
    FOR EACH ROW EXECUTE FUNCTION review_refuse_change('what an item shows never changes: retire it and add another');

ALTER TABLE review_reviewitem ADD CONSTRAINT item_leaf_exists
    FOREIGN KEY (trajectory_id, leaf_seq) REFERENCES diagnosis_trajectorynode (trajectory_id, seq);

CREATE FUNCTION review_rubric_locked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'LOCKED' THEN
        RAISE EXCEPTION 'this version of the rubric is locked: make a new one'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_rubric_locked BEFORE UPDATE OR DELETE ON review_rubricversion
    FOR EACH ROW EXECUTE FUNCTION review_rubric_locked();

-- Whoever begins to judge an item locks its rubric. The share lock waits for whoever moves the item to another version.
CREATE FUNCTION review_rubric_used() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    used bigint;
BEGIN
    SELECT rubric_version_id INTO used FROM review_reviewitem WHERE id = NEW.item_id FOR SHARE;
    UPDATE review_rubricversion SET state = 'LOCKED', locked_at = now() WHERE id = used AND state = 'DRAFT';
    RETURN NEW;
END $$;
CREATE TRIGGER review_draft_locks_rubric AFTER INSERT ON review_draft
    FOR EACH ROW EXECUTE FUNCTION review_rubric_used();

CREATE FUNCTION review_item_judged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.rubric_version_id, OLD.kind, OLD.reference) IS DISTINCT FROM (NEW.rubric_version_id, NEW.kind, NEW.reference)
       AND (EXISTS (SELECT 1 FROM review_annotation WHERE item_id = OLD.id)
            OR EXISTS (SELECT 1 FROM review_draft WHERE item_id = OLD.id)) THEN
        RAISE EXCEPTION 'somebody has begun to judge this item: its rubric, kind and reference stay'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_item_judged BEFORE UPDATE OF rubric_version_id, kind, reference ON review_reviewitem
    FOR EACH ROW EXECUTE FUNCTION review_item_judged();

CREATE FUNCTION review_annotation_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    item record;
    before record;
BEGIN
    SELECT state, rubric_version_id INTO item FROM review_reviewitem WHERE id = NEW.item_id FOR NO KEY UPDATE;
    IF item.state = 'RETIRED' THEN
        RAISE EXCEPTION 'this item is retired' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF item.rubric_version_id <> NEW.rubric_version_id THEN
        RAISE EXCEPTION 'an annotation goes by the rubric of its item' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.supersedes_id IS NOT NULL THEN
        SELECT item_id, reviewer_id, revision INTO before FROM review_annotation WHERE id = NEW.supersedes_id;
        IF (before.item_id, before.reviewer_id, before.revision)
           IS DISTINCT FROM (NEW.item_id, NEW.reviewer_id, NEW.revision - 1) THEN
            RAISE EXCEPTION 'a revision supersedes the one before it, of the same reviewer and item'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    UPDATE review_rubricversion SET state = 'LOCKED', locked_at = now()
        WHERE id = NEW.rubric_version_id AND state = 'DRAFT';
    RETURN NEW;
END $$;
CREATE TRIGGER review_annotation_fits BEFORE INSERT ON review_annotation
    FOR EACH ROW EXECUTE FUNCTION review_annotation_fits();

CREATE FUNCTION review_count_reserved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE review_reviewitem SET reserved_count = reserved_count + 1 WHERE id = NEW.item_id;
        RETURN NEW;
    END IF;
    UPDATE review_reviewitem SET reserved_count = reserved_count - 1 WHERE id = OLD.item_id;
    RETURN OLD;
END $$;
CREATE TRIGGER review_count_reserved AFTER INSERT OR DELETE ON review_reservation
    FOR EACH ROW EXECUTE FUNCTION review_count_reserved();
CREATE TRIGGER review_reservation_stays BEFORE UPDATE OF item_id, reviewer_id, drawn ON review_reservation
    FOR EACH ROW EXECUTE FUNCTION review_refuse_change('a reservation is for one item and one reviewer');

-- The second revision is the first with the truth: with it a reviewer is done.
CREATE FUNCTION review_count_done() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.revision = 2 THEN
        UPDATE review_reviewitem SET done_count = done_count + 1,
            state = CASE WHEN kind = 'REAL' AND done_count + 1 = required THEN 'DONE' ELSE state END
            WHERE id = NEW.item_id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_count_done AFTER INSERT ON review_annotation
    FOR EACH ROW EXECUTE FUNCTION review_count_done();

-- Under the lock the id is taken anew, so that the order of ids is that of the chain.
CREATE FUNCTION review_audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7203114);
    NEW.id := nextval(pg_get_serial_sequence('review_auditentry', 'id'));
    NEW.previous_hash := coalesce((SELECT hash FROM review_auditentry ORDER BY id DESC LIMIT 1), '');
    NEW.hash := review_audit_hash(NEW);
    RETURN NEW;
END $$;
CREATE FUNCTION review_audit_hash(entry review_auditentry) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(
        entry.previous_hash, extract(epoch FROM entry.at), entry.by_id, entry.verb, entry.subject, entry.detail
    )::text, 'UTF8')), 'hex')
$$;
CREATE TRIGGER review_audit_chain BEFORE INSERT ON review_auditentry
    FOR EACH ROW EXECUTE FUNCTION review_audit_chain();
"""
TRIGGERS = {
    "review_annotation_append_only": "review_annotation",
    "review_skip_append_only": "review_skip",
    "review_audit_append_only": "review_auditentry",
    "review_item_identity": "review_reviewitem",
    "review_rubric_locked": "review_rubricversion",
    "review_draft_locks_rubric": "review_draft",
    "review_item_judged": "review_reviewitem",
    "review_annotation_fits": "review_annotation",
    "review_count_reserved": "review_reservation",
    "review_reservation_stays": "review_reservation",
    "review_count_done": "review_annotation",
    "review_audit_chain": "review_auditentry",
}
FUNCTIONS = [
    "review_refuse_change()",
    "review_rubric_locked()",
    "review_rubric_used()",
    "review_item_judged()",
    "review_annotation_fits()",
    "review_count_reserved()",
    "review_count_done()",
    "review_audit_chain()",
    "review_audit_hash(review_auditentry)",
]
BACKWARD = "\n".join(
    [
        "ALTER TABLE review_reviewitem DROP CONSTRAINT item_leaf_exists;",
        *(f"DROP TRIGGER {name} ON {table};" for name, table in TRIGGERS.items()),
        *(f"DROP FUNCTION {name};" for name in FUNCTIONS),
    ]
)


class Migration(migrations.Migration):
    dependencies = [("review", "0001_initial"), ("diagnosis", "0002_append_only_nodes")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
