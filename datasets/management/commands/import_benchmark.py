"""A frozen benchmark into the database."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from datasets.services.benchmark_import import import_benchmark
from datasets.services.errors import BenchmarkRefused


class Command(BaseCommand):
    help = "Import what `medaction bench mine-hard` has frozen: its cases, and a benchmark of them. Safe to repeat."

    def add_arguments(self, parser):
        parser.add_argument("directory", type=Path, help="the frozen folder")
        parser.add_argument("--name", default="MedAction-Hard", help="what the benchmark is called")

    def handle(self, *, directory, name, **options):
        try:
            benchmark, new = import_benchmark(path=directory, name=name)
        except BenchmarkRefused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Benchmark {benchmark.name}: {benchmark.case_count} cases{'' if new else ', there already'}."
        )
