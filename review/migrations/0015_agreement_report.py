"""Reports of how far reviewers agree, and who may read them."""

import django.db.models.deletion
from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

DATA_MANAGER, AUDITOR = "data manager", "auditor"

FORWARD = """
CREATE TRIGGER review_report_append_only BEFORE UPDATE OR DELETE ON review_agreementreport
    FOR EACH ROW EXECUTE FUNCTION review_refuse_change('a report stays as it was: work out another');
"""
BACKWARD = "DROP TRIGGER review_report_append_only ON review_agreementreport;"


def make_roles(apps, schema_editor):
    create_permissions(installed.get_app_config("review"), verbosity=0, using=schema_editor.connection.alias)
    group = apps.get_model("auth", "Group")
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="review")
    given = {DATA_MANAGER: ["read_agreement", "add_agreementreport"], AUDITOR: ["read_agreement"]}
    for name, granted in given.items():
        group.objects.get_or_create(name=name)[0].permissions.add(*permissions.filter(codename__in=granted))


class Migration(migrations.Migration):

    dependencies = [
        ('review', '0014_graph_hints_kept'),
    ]

    operations = [
        migrations.CreateModel(
            name='AgreementReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('metric', models.CharField(max_length=20)),
                ('source', models.CharField(max_length=80)),
                ('judgements', models.PositiveIntegerField()),
                ('figures', models.JSONField()),
                ('computed_at', models.DateTimeField(auto_now_add=True)),
                ('rubric_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreement_reports', to='review.rubricversion')),
            ],
            options={
                'ordering': ['-computed_at', '-pk'],
                'permissions': [('read_agreement', 'Can read how far reviewers agree')],
                'constraints': [models.UniqueConstraint(fields=('rubric_version', 'metric', 'source'), name='agreement_report_once')],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunPython(make_roles, migrations.RunPython.noop),
    ]
