"""PostgreSQL itself refuses to change or delete a trajectory node, and refuses a parent that does not exist."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION diagnosis_node_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'trajectory nodes are append-only: a correction is a new branch'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER diagnosis_node_append_only BEFORE UPDATE OR DELETE ON diagnosis_trajectorynode
    FOR EACH ROW EXECUTE FUNCTION diagnosis_node_append_only();
ALTER TABLE diagnosis_trajectorynode ADD CONSTRAINT node_parent_exists
    FOREIGN KEY (trajectory_id, parent_seq) REFERENCES diagnosis_trajectorynode (trajectory_id, seq);
"""

BACKWARD = """
ALTER TABLE diagnosis_trajectorynode DROP CONSTRAINT node_parent_exists;
DROP TRIGGER diagnosis_node_append_only ON diagnosis_trajectorynode;
DROP FUNCTION diagnosis_node_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("diagnosis", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
