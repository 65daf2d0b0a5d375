"""People's finished walkthroughs as benchmark runs."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from datasets.services.errors import ServiceError
from datasets.services.human_export import export_human_runs
from medaction.knowledge import KnowledgeError
from review.selectors.graph import open_site_graph


class Command(BaseCommand):
    help = (
        "Write what people did in “Solve it yourself” as run directories of `medaction bench`: one for each reader, "
        "under a pseudonym, and one of all, for the same table as policies and models."
    )

    def add_arguments(self, parser):
        parser.add_argument("--out", type=Path, required=True, help="a new directory")
        parser.add_argument("--source", default="", help="only cases of this source")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *, out, source, **options):
        try:
            written = export_human_runs(path=out, graph=open_site_graph(), source=source)
        except (ServiceError, KnowledgeError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror or error}") from error
        if options["json"]:
            self.stdout.write(json.dumps(written))
            return
        for name, count in written["records"].items():
            self.stdout.write(f"{name}: {count:,} records")
        for reason, count in written["left_out"].items():
            self.stdout.write(f"left out, {reason}: {count:,}")
