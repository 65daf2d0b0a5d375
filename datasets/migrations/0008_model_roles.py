"""Auditors and data managers see model releases; data managers switch them off and on."""

from importlib import import_module

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

roles = import_module("datasets.migrations.0003_roles")
SEEN = ("view_modelrelease", "view_releaseevent")
SWITCHED = ("change_modelrelease",)


def grant_models(apps, schema_editor):
    create_permissions(
        installed.get_app_config("diagnosis"), verbosity=0, using=schema_editor.connection.alias, apps=installed
    )
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="diagnosis")
    group = apps.get_model("auth", "Group")
    for role, codes in ((roles.AUDITOR, SEEN), (roles.DATA_MANAGER, SEEN + SWITCHED)):
        group.objects.get_or_create(name=role)[0].permissions.add(*permissions.filter(codename__in=codes))


class Migration(migrations.Migration):
    dependencies = [("datasets", "0007_benchmarks_kept"), ("diagnosis", "0006_model_releases")]
    operations = [migrations.RunPython(grant_models, migrations.RunPython.noop)]
