"""The first benchmark of a site, ready to be run."""

from django.core.management.base import BaseCommand, CommandError

from datasets.services.benchmarks import ensure_teaching_benchmark


class Command(BaseCommand):
    help = "Make the benchmark “Teaching cases” of the packaged cases, if it is not there. Safe to repeat."

    def handle(self, **options):
        benchmark = ensure_teaching_benchmark()
        if benchmark is None:
            raise CommandError("The packaged cases are not all here. Import them first: manage.py demo_data.")
        self.stdout.write(f"Benchmark {benchmark.name}: {benchmark.case_count} cases.")
