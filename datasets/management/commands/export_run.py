"""A run of the database as a run directory."""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from datasets.models import DistillationRun, Selection
from datasets.services.errors import RunRefused
from datasets.services.run_export import export_run


class Command(BaseCommand):
    help = "Write a run as a directory that `medaction distill` and `medaction dataset` read."

    def add_arguments(self, parser):
        parser.add_argument("run", help="id of the run, as its page's address has it")
        parser.add_argument("directory", type=Path)
        parser.add_argument("--selection", default="", help="id of the selection whose verdicts are written")

    def handle(self, *, run, directory, selection, **options):
        try:
            found = DistillationRun.objects.get(pk=run)
            chosen = found.selections.get(pk=selection) if selection else None
            count = export_run(run=found, path=directory, selection=chosen)
        except (DistillationRun.DoesNotExist, Selection.DoesNotExist, ValidationError):
            raise CommandError("There is no such run, or no such selection of it.") from None
        except (RunRefused, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count:,} trees written to {directory}")
