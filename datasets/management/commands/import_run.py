"""A run directory into the database."""

from pathlib import Path

import orjson
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from datasets.services.errors import RunRefused
from datasets.services.run_import import import_run


class Command(BaseCommand):
    help = "Import a run that `medaction distill grow` made: all of it, once. The same run again changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("directory", type=Path)
        parser.add_argument("--name", default="", help="how pages call it (default: the directory's name)")
        parser.add_argument("--owner", default="", metavar="USER", help="whose run it is (default: nobody's)")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *, directory, name, owner, **options):
        try:
            user = get_user_model().objects.get(username=owner) if owner else None
            done = import_run(path=directory, owner=user, name=name)
        except get_user_model().DoesNotExist:
            raise CommandError(f"There is no account “{owner}”.") from None
        except RunRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        rows = done.nodes + done.scores + done.verdicts
        if options["json"]:
            told = {"run": str(done.run.pk), "created": done.created, "cases": done.run.case_count}
            told |= {"nodes": done.nodes, "scores": done.scores, "verdicts": done.verdicts, "seconds": done.seconds}
            self.stdout.write(orjson.dumps(told).decode())
        elif done.created:
            rate = rows / done.seconds if done.seconds else rows
            self.stdout.write(
                f"{done.run.case_count:,} trees with {done.nodes:,} nodes, {done.scores:,} scores and"
                f" {done.verdicts:,} verdicts in {done.seconds:.1f} s ({rate:,.0f} rows a second): run {done.run.pk}"
            )
        else:
            self.stdout.write(f"This run is here already: {done.run.pk}. Nothing was changed.")
