"""Making benchmarks: cases frozen as the revisions they have now, and the protocol they are worked up under."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from datasets.models import Benchmark, BenchmarkCase
from datasets.services.errors import BenchmarkRefused
from diagnosis.models import Case
from medaction.distill.manifest import hash_cases
from medaction.domain.canonical import content_hash
from medaction.domain.environment import EnvironmentSettings
from medaction.formats.teaching import load_teaching_cases

TEACHING_KEY = "teaching-cases"
TEACHING = "The packaged teaching cases. They are synthetic: written for teaching, not from patients."


def create_benchmark(
    *, owner: Any, name: str, description: str, cases: Sequence[Case], protocol: EnvironmentSettings
) -> tuple[Benchmark, bool]:
    """The benchmark, and whether it is new: the same cases under the same protocol give the one that is there.

    ``cases`` in the order in which they are asked, each with its content hash. Raises :class:`BenchmarkRefused`.
    """
    if not cases:
        raise BenchmarkRefused("No case was chosen. Widen the filter.")
    key = slugify(name)[:80]
    if key in ("", "new"):
        raise BenchmarkRefused("Choose a name with a letter or a digit that is not just “new”.")
    rules = {"horizon": protocol.horizon, "menu_visible": protocol.menu_visible}
    fingerprint = content_hash({"protocol": rules, "cases": hash_cases(cases)})  # type: ignore[arg-type]
    same = Benchmark.objects.filter(content_hash=fingerprint)
    if known := same.first():
        return known, False
    try:
        with transaction.atomic():
            benchmark = Benchmark.objects.create(
                key=key,
                name=name,
                description=description,
                owner=owner,
                protocol=rules,
                content_hash=fingerprint,
                case_count=len(cases),
            )
            BenchmarkCase.objects.bulk_create(
                (BenchmarkCase(benchmark=benchmark, case=case, position=place) for place, case in enumerate(cases)),
                batch_size=2000,
            )
    except IntegrityError as error:
        if known := same.first():
            return known, False
        raise BenchmarkRefused(f"There is a benchmark “{name}” already. Choose another name.") from error
    return benchmark, True


def ensure_teaching_benchmark() -> Benchmark | None:
    """The first benchmark of a site: the packaged cases as they are here now. None while they are not all here.

    Once it exists it is left alone, whatever becomes of the cases.
    """
    if known := Benchmark.objects.filter(key=TEACHING_KEY).first():
        return known
    packaged = [case.id for case in load_teaching_cases()]
    cases = list(Case.objects.filter(slug__in=packaged, is_current=True).order_by("slug").only("pk", "content_hash"))
    if len(cases) < len(packaged):
        return None
    benchmark, _ = create_benchmark(
        owner=None, name="Teaching cases", description=TEACHING, cases=cases, protocol=EnvironmentSettings()
    )
    return benchmark
