"""Datasets and the asking for their versions: whatever makes no version is refused before a worker is troubled."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.text import slugify

from datasets.models import Benchmark, BenchmarkCase, Dataset, DatasetVersion, RunCase, Selection, SplitGroup
from datasets.services.announcing import announce_version
from datasets.services.errors import VersionRefused
from datasets.services.snapshots import take_snapshot
from datasets.services.working import put_before_workers
from diagnosis.models import Case
from medaction.corpus import CorpusError, Recipe
from medaction.corpus.reviewed.policy import read_policy
from review.models import RubricVersion

SOURCES, BENCHMARKS = "benchmark_sources", "benchmarks"
_OURS = (SOURCES, BENCHMARKS)
"""What a recipe says beside what the library reads."""


def create_dataset(*, owner: Any, name: str, description: str = "") -> Dataset:
    """Its address is made of its name. Raises :class:`VersionRefused` for a name that is taken."""
    slug = slugify(name)[:80]
    if not slug or slug == "new":
        raise VersionRefused("Give the dataset another name: one with letters or digits, and not “new”.")
    dataset, created = Dataset.objects.get_or_create(
        slug=slug, defaults={"name": name, "description": description, "owner": owner}
    )
    if not created:
        raise VersionRefused(f"There is a dataset of this name already: {dataset.name}.")
    return dataset


def create_version(
    *, owner: Any, dataset: Dataset, selections: Sequence[Selection], recipe: Mapping[str, Any]
) -> DatasetVersion:
    """QUEUED, under the next number of the dataset.

    ``recipe`` as :class:`medaction.corpus.Recipe` reads it; it may leave out the format, which is that of whole trees,
    and may name ``benchmark_sources`` and ``benchmarks``: cases from there or in those (by key), and what is too like
    them, stay out.
    Raises :class:`VersionRefused`.
    """
    checked = _check_recipe(recipe)
    _check_selections(selections, checked[SOURCES], checked[BENCHMARKS])
    with transaction.atomic():
        version = _number_version(dataset, owner, checked)
        version.selections.set(selections)
    return version


def create_reviewed_version(
    *,
    owner: Any,
    dataset: Dataset,
    recipe: Mapping[str, Any],
    nature: str,
    rubric_version: RubricVersion | None = None,
    aliases: bool = False,
) -> DatasetVersion:
    """As :func:`create_version`, of what reviewers have said up to now; ``recipe`` has a ``review`` policy.

    ``nature``, ``rubric_version`` and ``aliases`` as for ``take_snapshot``. Raises :class:`VersionRefused`.
    """
    checked = _check_recipe(recipe)
    _check_kept_apart(checked[SOURCES], checked[BENCHMARKS])
    with transaction.atomic():
        snapshot = take_snapshot(owner=owner, nature=nature, rubric_version=rubric_version, aliases=aliases)
        return _number_version(dataset, owner, checked, snapshot=snapshot)


def read_recipe(version: DatasetVersion, **changes: Any) -> Recipe:
    """The stored recipe, as the library takes it: splits in the order train, validation, test, which JSONB forgets."""
    stored = {name: value for name, value in version.recipe.items() if name not in _OURS}
    if judged := stored.get("review"):
        told = {"labels": judged["labels"], "stage": judged["pass"]}
        stored["review"] = read_policy(**told, **({"reliability": judged["reliability"]} if len(judged) > 2 else {}))
    splits = {name: stored["splits"][name] for name in SplitGroup.Split.values if name in stored["splits"]}
    return Recipe(**{**stored, "splits": splits, **changes})


def list_kept_apart(sources: Collection[str], benchmarks: Collection[str]) -> QuerySet[Case]:
    """Cases, in every revision that is here, from these sources or in the benchmarks with these keys."""
    asked = BenchmarkCase.objects.filter(benchmark__key__in=benchmarks).values("case__slug")
    return Case.objects.filter(Q(source__in=sources) | Q(slug__in=asked))


def _check_recipe(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """As it is stored."""
    named = {name: sorted(set(recipe.get(name, ()))) for name in _OURS}
    try:
        wanted = Recipe(**{"format": "tree", **{name: value for name, value in recipe.items() if name not in _OURS}})
    except (CorpusError, TypeError) as error:
        raise VersionRefused(f"This makes no version: {error}.") from error
    if unknown := set(wanted.splits) - set(SplitGroup.Split.values):
        names = ", ".join(SplitGroup.Split.values)
        raise VersionRefused(f"There is no split {', '.join(sorted(unknown))}; the splits are {names}.")
    return {**wanted.to_dict(), **named}


def _number_version(dataset: Dataset, owner: Any, recipe: dict[str, Any], **source: Any) -> DatasetVersion:
    """In the caller's transaction."""
    Dataset.objects.select_for_update().get(pk=dataset.pk)
    last = dataset.versions.aggregate(last=Max("number"))["last"] or 0
    version = DatasetVersion.objects.create(dataset=dataset, number=last + 1, owner=owner, recipe=recipe, **source)
    put_before_workers(DatasetVersion, [version.pk])
    announce_version(version)
    return version


def _check_selections(selections: Sequence[Selection], sources: Collection[str], benchmarks: Collection[str]) -> None:
    if not selections:
        raise VersionRefused("Choose at least one selection.")
    runs = [selection.run for selection in selections]
    if len({run.pk for run in runs}) < len(runs):
        raise VersionRefused("Two of the selections are of the same run. Choose one of them.")
    for run in runs:
        if run.finished_at is None:
            raise VersionRefused(f"The run {run.name} still grows. Wait until it is done, or cancel it.")
        if not run.metric_version or not run.grown_count:
            raise VersionRefused(f"The run {run.name} has no scored trees, so nothing of it can be taken.")
    _check_kept_apart(sources, benchmarks)
    grown = RunCase.objects.filter(run__in=runs, trajectory__isnull=False)
    apart = list_kept_apart(sources, benchmarks).values("pk")
    if (sources or benchmarks) and not grown.exclude(case__in=apart).exists():
        raise VersionRefused("Every case of these runs is of a benchmark; nothing would be left.")


def _check_kept_apart(sources: Collection[str], benchmarks: Collection[str]) -> None:
    known = set(Case.objects.filter(source__in=sources).order_by().values_list("source", flat=True).distinct())
    if unknown := [source for source in sources if source not in known]:
        raise VersionRefused(f"No case here is from {', '.join(unknown)}.")
    if unknown := set(benchmarks) - set(Benchmark.objects.filter(key__in=benchmarks).values_list("key", flat=True)):
        raise VersionRefused(f"There is no benchmark {', '.join(sorted(unknown))}.")
