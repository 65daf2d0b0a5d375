"""What an update of the graph found stays as it was found."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER datasets_verdictchange_append_only BEFORE UPDATE OR DELETE ON datasets_verdictchange
    FOR EACH ROW EXECUTE FUNCTION datasets_refuse_change('what an update of the graph changed is kept as it was found');
CREATE TRIGGER datasets_graphupdate_decided BEFORE UPDATE OF proposal_id, graph_before ON datasets_graphupdate
    FOR EACH ROW EXECUTE FUNCTION datasets_refuse_change('an update of the graph is of one decision');
"""
BACKWARD = """
DROP TRIGGER datasets_verdictchange_append_only ON datasets_verdictchange;
DROP TRIGGER datasets_graphupdate_decided ON datasets_graphupdate;
"""


class Migration(migrations.Migration):
    dependencies = [("datasets", "0012_graph_updates"), ("datasets", "0002_kept_for_good")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
