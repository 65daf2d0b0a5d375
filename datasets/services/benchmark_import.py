"""A benchmark that was frozen on the command line, into the database."""

from pathlib import Path
from typing import Any

from django.db import transaction

from datasets.models import Benchmark
from datasets.services.benchmarks import create_benchmark
from datasets.services.errors import BenchmarkRefused
from diagnosis.models import Case
from diagnosis.services import import_cases
from medaction.domain.environment import EnvironmentSettings
from medaction.formats.frozen import FrozenError, open_frozen
from medaction.formats.rows import CaseRow


def import_benchmark(*, path: Path, name: str, owner: Any = None) -> tuple[Benchmark, bool]:
    """The cases, as they were frozen, and the benchmark of them; whether it is new. All of it or nothing.

    Raises :class:`BenchmarkRefused`, also where a case of the same id is here with other content: a benchmark does not
    bring revisions in.
    """
    try:
        frozen = open_frozen(path)
        loaded = frozen.load()
    except FrozenError as error:
        raise BenchmarkRefused(str(error)) from error
    with transaction.atomic():
        here = Case.objects.filter(slug__in=[case.id for case in loaded], is_current=True)
        hashes = dict(here.values_list("slug", "content_hash"))
        if other := [case.id for case in loaded if hashes.get(case.id, case.content_hash) != case.content_hash]:
            raise BenchmarkRefused(
                f"{len(other)} of its cases are here with other content ({', '.join(other[:3])}): "
                "import the case files that it was mined from, or remove those."
            )
        report = import_cases(rows=[CaseRow(line, case) for line, case in enumerate(loaded, start=1)])
        if report.errors:
            raise BenchmarkRefused(f"A case cannot be taken: {report.errors[0]}")
        found = {case.slug: case for case in here.all()}
        return create_benchmark(
            owner=owner,
            name=name,
            description=f"{frozen.manifest.get('what', '')} List {frozen.hash[:12]}.".strip(),
            cases=[found[case.id] for case in loaded],
            protocol=EnvironmentSettings(),
        )
