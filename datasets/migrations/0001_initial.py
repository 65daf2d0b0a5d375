"""All tables at once, as Django wrote them; the size is that of fourteen tables with their constraints."""

import datasets.models.dataset
import datasets.models.intake
import django.db.models.deletion
import django.db.models.expressions
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('diagnosis', '0004_drive'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CaseCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('graph_hash', models.CharField(max_length=64)),
                ('sound', models.BooleanField(help_text='No issue among them is an error.')),
                ('issues', models.JSONField(default=list)),
                ('checked_at', models.DateTimeField(auto_now=True)),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='check_result', to='diagnosis.case')),
            ],
        ),
        migrations.CreateModel(
            name='Dataset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('description', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='datasets', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='DatasetVersion',
            fields=[
                ('state', models.CharField(choices=[('QUEUED', 'Waiting'), ('RUNNING', 'Running'), ('SUCCEEDED', 'Done'), ('FAILED', 'Failed'), ('CANCELLED', 'Cancelled')], default='QUEUED', max_length=10)),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('worker', models.CharField(blank=True, max_length=120)),
                ('lease_expires_at', models.DateTimeField(blank=True, null=True)),
                ('dispatched_at', models.DateTimeField(blank=True, help_text='When it was last put before the workers.', null=True)),
                ('error_message', models.CharField(blank=True, max_length=400)),
                ('queued_at', models.DateTimeField(auto_now_add=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('recipe', models.JSONField(default=dict)),
                ('manifest', models.JSONField(default=dict)),
                ('content_hash', models.CharField(blank=True, max_length=64)),
                ('counts', models.JSONField(default=dict)),
                ('licences', models.JSONField(default=list)),
                ('card', models.TextField(blank=True, help_text='The data card, as Markdown.')),
                ('dataset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='datasets.dataset')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='dataset_versions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['dataset', '-number'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='DistillationRun',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120)),
                ('origin', models.CharField(choices=[('SITE', 'Grown here'), ('DIRECTORY', 'Imported from a run directory')], default='SITE', max_length=10)),
                ('policy', models.CharField(db_index=True, max_length=160)),
                ('policy_label', models.CharField(blank=True, max_length=200)),
                ('config', models.JSONField(help_text='Shape and budgets of the trees, and settings of the environment.')),
                ('thresholds', models.JSONField(help_text='Of the pruning that goes along with growing.')),
                ('seed', models.BigIntegerField()),
                ('graph_hash', models.CharField(max_length=64)),
                ('metric_version', models.CharField(max_length=40)),
                ('manifest', models.JSONField()),
                ('fingerprint', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('QUEUED', 'Waiting for a worker'), ('RUNNING', 'Growing'), ('PAUSED', 'Paused'), ('CANCELLED', 'Cancelled'), ('FAILED', 'Failed'), ('SUCCEEDED', 'Done')], default='QUEUED', max_length=10)),
                ('error_message', models.CharField(blank=True, max_length=400)),
                ('case_count', models.PositiveIntegerField()),
                ('grown_count', models.PositiveIntegerField(default=0, help_text='Cases whose tree is stored.')),
                ('failed_count', models.PositiveIntegerField(default=0, help_text='Cases whose tree could not be grown.')),
                ('node_count', models.PositiveIntegerField(default=0)),
                ('branch_count', models.PositiveIntegerField(default=0)),
                ('retained_count', models.PositiveIntegerField(default=0)),
                ('truncated_count', models.PositiveIntegerField(default=0)),
                ('rejected_count', models.PositiveIntegerField(default=0)),
                ('unassessable_count', models.PositiveIntegerField(default=0)),
                ('seconds_worked', models.FloatField(default=0, help_text='Of all workers together; pauses do not count.')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('progressed_at', models.DateTimeField(blank=True, help_text='When something last came of it.', null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='distillation_runs', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='Export',
            fields=[
                ('state', models.CharField(choices=[('QUEUED', 'Waiting'), ('RUNNING', 'Running'), ('SUCCEEDED', 'Done'), ('FAILED', 'Failed'), ('CANCELLED', 'Cancelled')], default='QUEUED', max_length=10)),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('worker', models.CharField(blank=True, max_length=120)),
                ('lease_expires_at', models.DateTimeField(blank=True, null=True)),
                ('dispatched_at', models.DateTimeField(blank=True, help_text='When it was last put before the workers.', null=True)),
                ('error_message', models.CharField(blank=True, max_length=400)),
                ('queued_at', models.DateTimeField(auto_now_add=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('format', models.CharField(max_length=20)),
                ('file', models.FileField(blank=True, upload_to=datasets.models.dataset.place_of_export)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('size_bytes', models.PositiveBigIntegerField(blank=True, null=True)),
                ('row_count', models.PositiveBigIntegerField(blank=True, null=True)),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='exports', to=settings.AUTH_USER_MODEL)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exports', to='datasets.datasetversion')),
            ],
            options={
                'ordering': ['-queued_at'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='RunChunk',
            fields=[
                ('state', models.CharField(choices=[('QUEUED', 'Waiting'), ('RUNNING', 'Running'), ('SUCCEEDED', 'Done'), ('FAILED', 'Failed'), ('CANCELLED', 'Cancelled')], default='QUEUED', max_length=10)),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('worker', models.CharField(blank=True, max_length=120)),
                ('lease_expires_at', models.DateTimeField(blank=True, null=True)),
                ('dispatched_at', models.DateTimeField(blank=True, help_text='When it was last put before the workers.', null=True)),
                ('error_message', models.CharField(blank=True, max_length=400)),
                ('queued_at', models.DateTimeField(auto_now_add=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='chunks', to='datasets.distillationrun')),
            ],
            options={
                'ordering': ['run', 'number'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='RunCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField(help_text="In the order of the run's cases.")),
                ('seed', models.BigIntegerField(null=True)),
                ('leaves', models.JSONField(default=list)),
                ('rejected', models.JSONField(default=list)),
                ('usage', models.JSONField(default=dict)),
                ('node_count', models.PositiveIntegerField(default=0)),
                ('branch_count', models.PositiveIntegerField(default=0)),
                ('error_message', models.CharField(blank=True, max_length=400)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='run_cases', to='diagnosis.case')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cases', to='datasets.distillationrun')),
                ('trajectory', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='run_case', to='diagnosis.trajectory')),
                ('chunk', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='cases', to='datasets.runchunk')),
            ],
            options={
                'ordering': ['run', 'position'],
            },
        ),
        migrations.CreateModel(
            name='Score',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('leaf_seq', models.PositiveIntegerField()),
                ('metric', models.CharField(choices=[('REASONING', 'DTC, RAC, grounding, coverage')], default='REASONING', max_length=20)),
                ('metric_version', models.CharField(max_length=40)),
                ('graph_hash', models.CharField(max_length=64)),
                ('dtc', models.FloatField(null=True)),
                ('rac', models.FloatField(null=True)),
                ('grounding', models.FloatField(null=True)),
                ('coverage', models.FloatField(null=True)),
                ('correct', models.BooleanField(null=True)),
                ('turns', models.PositiveSmallIntegerField()),
                ('detail', models.JSONField()),
                ('trajectory', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='diagnosis.trajectory')),
            ],
            options={
                'ordering': ['trajectory', 'leaf_seq'],
            },
        ),
        migrations.CreateModel(
            name='Selection',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120)),
                ('thresholds', models.JSONField()),
                ('thresholds_hash', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='selections', to=settings.AUTH_USER_MODEL)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='selections', to='datasets.distillationrun')),
            ],
            options={
                'ordering': ['-created_at'],
            },
        ),
        migrations.AddField(
            model_name='datasetversion',
            name='selections',
            field=models.ManyToManyField(related_name='versions', to='datasets.selection'),
        ),
        migrations.CreateModel(
            name='SplitGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group_key', models.CharField(max_length=200)),
                ('split', models.CharField(choices=[('train', 'Training'), ('validation', 'Validation'), ('test', 'Test')], max_length=10)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='groups', to='datasets.datasetversion')),
            ],
            options={
                'ordering': ['version', 'group_key'],
            },
        ),
        migrations.CreateModel(
            name='Verdict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verdict', models.CharField(choices=[('RETAINED', 'Retained'), ('TRUNCATED', 'Truncated'), ('REJECTED', 'Rejected'), ('NOT_ASSESSABLE', 'Not assessable')], max_length=14)),
                ('t_star', models.PositiveSmallIntegerField(help_text='The first turn at fault.', null=True)),
                ('rule', models.CharField(max_length=80)),
                ('values', models.JSONField()),
                ('score', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='verdicts', to='datasets.score')),
                ('selection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='verdicts', to='datasets.selection')),
            ],
            options={
                'ordering': ['selection', 'score'],
            },
        ),
        migrations.CreateModel(
            name='CaseImport',
            fields=[
                ('state', models.CharField(choices=[('QUEUED', 'Waiting'), ('RUNNING', 'Running'), ('SUCCEEDED', 'Done'), ('FAILED', 'Failed'), ('CANCELLED', 'Cancelled')], default='QUEUED', max_length=10)),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('worker', models.CharField(blank=True, max_length=120)),
                ('lease_expires_at', models.DateTimeField(blank=True, null=True)),
                ('dispatched_at', models.DateTimeField(blank=True, help_text='When it was last put before the workers.', null=True)),
                ('error_message', models.CharField(blank=True, max_length=400)),
                ('queued_at', models.DateTimeField(auto_now_add=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('file', models.FileField(upload_to=datasets.models.intake.place_of_upload)),
                ('filename', models.CharField(max_length=200)),
                ('size_bytes', models.PositiveBigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('format', models.CharField(default='auto', max_length=20)),
                ('licence', models.CharField(blank=True, help_text='For cases that name none themselves.', max_length=120)),
                ('step', models.CharField(choices=[('CHECK', 'Check'), ('IMPORT', 'Import')], default='CHECK', max_length=6)),
                ('report', models.JSONField(default=dict)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='case_imports', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-queued_at'],
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('state', 'RUNNING')), fields=['lease_expires_at'], name='caseimport_leases')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('QUEUED', 'RUNNING')), ('finished_at__isnull', True)), models.Q(models.Q(('state__in', ('QUEUED', 'RUNNING')), _negated=True), ('finished_at__isnull', False)), _connector='OR'), name='caseimport_finished_iff_terminal'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'RUNNING'), ('lease_expires_at__isnull', False)), models.Q(models.Q(('state', 'RUNNING'), _negated=True), ('lease_expires_at__isnull', True)), _connector='OR'), name='caseimport_lease_iff_running'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'SUCCEEDED'), _negated=True), models.Q(('report', {}), _negated=True), _connector='OR'), name='caseimport_reports_when_done')],
            },
        ),
        migrations.AddIndex(
            model_name='distillationrun',
            index=models.Index(condition=models.Q(('state__in', ('QUEUED', 'RUNNING'))), fields=['created_at'], name='run_active'),
        ),
        migrations.AddConstraint(
            model_name='distillationrun',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('CANCELLED', 'FAILED')), _negated=True), fields=('fingerprint',), name='run_fingerprint'),
        ),
        migrations.AddConstraint(
            model_name='distillationrun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('CANCELLED', 'FAILED', 'SUCCEEDED')), ('finished_at__isnull', False)), models.Q(models.Q(('state__in', ('CANCELLED', 'FAILED', 'SUCCEEDED')), _negated=True), ('finished_at__isnull', True)), _connector='OR'), name='run_finished_iff_ended'),
        ),
        migrations.AddConstraint(
            model_name='distillationrun',
            constraint=models.CheckConstraint(condition=models.Q(('case_count__gte', django.db.models.expressions.CombinedExpression(models.F('grown_count'), '+', models.F('failed_count')))), name='run_counts_its_cases'),
        ),
        migrations.AddConstraint(
            model_name='distillationrun',
            constraint=models.CheckConstraint(condition=models.Q(('branch_count__gte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('retained_count'), '+', models.F('truncated_count')), '+', models.F('rejected_count')), '+', models.F('unassessable_count')))), name='run_verdicts_are_of_branches'),
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(condition=models.Q(('state', 'RUNNING')), fields=['lease_expires_at'], name='export_leases'),
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('QUEUED', 'RUNNING')), ('finished_at__isnull', True)), models.Q(models.Q(('state__in', ('QUEUED', 'RUNNING')), _negated=True), ('finished_at__isnull', False)), _connector='OR'), name='export_finished_iff_terminal'),
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'RUNNING'), ('lease_expires_at__isnull', False)), models.Q(models.Q(('state', 'RUNNING'), _negated=True), ('lease_expires_at__isnull', True)), _connector='OR'), name='export_lease_iff_running'),
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('FAILED', 'CANCELLED')), _negated=True), fields=('version', 'format'), name='export_once'),
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'SUCCEEDED'), models.Q(('sha256', ''), _negated=True), models.Q(('file', ''), _negated=True), ('size_bytes__isnull', False)), models.Q(models.Q(('state', 'SUCCEEDED'), _negated=True), ('sha256', '')), _connector='OR'), name='export_file_iff_done'),
        ),
        migrations.AddIndex(
            model_name='runchunk',
            index=models.Index(condition=models.Q(('state', 'RUNNING')), fields=['lease_expires_at'], name='runchunk_leases'),
        ),
        migrations.AddConstraint(
            model_name='runchunk',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('QUEUED', 'RUNNING')), ('finished_at__isnull', True)), models.Q(models.Q(('state__in', ('QUEUED', 'RUNNING')), _negated=True), ('finished_at__isnull', False)), _connector='OR'), name='runchunk_finished_iff_terminal'),
        ),
        migrations.AddConstraint(
            model_name='runchunk',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'RUNNING'), ('lease_expires_at__isnull', False)), models.Q(models.Q(('state', 'RUNNING'), _negated=True), ('lease_expires_at__isnull', True)), _connector='OR'), name='runchunk_lease_iff_running'),
        ),
        migrations.AddConstraint(
            model_name='runchunk',
            constraint=models.UniqueConstraint(fields=('run', 'number'), name='chunk_number'),
        ),
        migrations.AddConstraint(
            model_name='runcase',
            constraint=models.UniqueConstraint(fields=('run', 'case'), name='runcase_case'),
        ),
        migrations.AddConstraint(
            model_name='runcase',
            constraint=models.UniqueConstraint(fields=('run', 'position'), name='runcase_position'),
        ),
        migrations.AddConstraint(
            model_name='runcase',
            constraint=models.CheckConstraint(condition=models.Q(('trajectory__isnull', True), models.Q(('error_message', ''), ('seed__isnull', False)), _connector='OR'), name='runcase_grown_or_failed'),
        ),
        migrations.AddConstraint(
            model_name='score',
            constraint=models.UniqueConstraint(fields=('trajectory', 'leaf_seq', 'metric', 'metric_version', 'graph_hash'), name='score_once'),
        ),
        migrations.AddConstraint(
            model_name='score',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('dtc__isnull', True), models.Q(('dtc__gte', 0), ('dtc__lte', 1)), _connector='OR'), models.Q(('rac__isnull', True), models.Q(('rac__gte', 0), ('rac__lte', 1)), _connector='OR'), models.Q(('grounding__isnull', True), models.Q(('grounding__gte', 0), ('grounding__lte', 1)), _connector='OR'), models.Q(('coverage__isnull', True), models.Q(('coverage__gte', 0), ('coverage__lte', 1)), _connector='OR')), name='score_in_unit'),
        ),
        migrations.AddConstraint(
            model_name='selection',
            constraint=models.UniqueConstraint(fields=('run', 'thresholds_hash'), name='selection_thresholds'),
        ),
        migrations.AddIndex(
            model_name='datasetversion',
            index=models.Index(condition=models.Q(('state', 'RUNNING')), fields=['lease_expires_at'], name='datasetversion_leases'),
        ),
        migrations.AddConstraint(
            model_name='datasetversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('QUEUED', 'RUNNING')), ('finished_at__isnull', True)), models.Q(models.Q(('state__in', ('QUEUED', 'RUNNING')), _negated=True), ('finished_at__isnull', False)), _connector='OR'), name='datasetversion_finished_iff_terminal'),
        ),
        migrations.AddConstraint(
            model_name='datasetversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'RUNNING'), ('lease_expires_at__isnull', False)), models.Q(models.Q(('state', 'RUNNING'), _negated=True), ('lease_expires_at__isnull', True)), _connector='OR'), name='datasetversion_lease_iff_running'),
        ),
        migrations.AddConstraint(
            model_name='datasetversion',
            constraint=models.UniqueConstraint(fields=('dataset', 'number'), name='version_number'),
        ),
        migrations.AddConstraint(
            model_name='datasetversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'SUCCEEDED'), models.Q(('content_hash', ''), _negated=True)), models.Q(models.Q(('state', 'SUCCEEDED'), _negated=True), ('content_hash', '')), _connector='OR'), name='version_hash_iff_frozen'),
        ),
        migrations.AddConstraint(
            model_name='splitgroup',
            constraint=models.UniqueConstraint(fields=('version', 'group_key'), name='split_group_once'),
        ),
        migrations.AddIndex(
            model_name='verdict',
            index=models.Index(fields=['selection', 'verdict'], name='verdict_counts'),
        ),
        migrations.AddConstraint(
            model_name='verdict',
            constraint=models.UniqueConstraint(fields=('selection', 'score'), name='verdict_once'),
        ),
        migrations.AddConstraint(
            model_name='verdict',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('verdict', 'TRUNCATED'), _negated=True), ('t_star__isnull', False), _connector='OR'), name='verdict_cut_has_a_place'),
        ),
    ]
