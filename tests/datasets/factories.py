"""Making what a test needs, through the services that make it in earnest."""

from dataclasses import replace
from hashlib import sha256
from importlib import import_module
from uuid import uuid4

from django.apps import apps
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from datasets.models import (
    Benchmark,
    BenchmarkResult,
    BenchmarkRun,
    Dataset,
    DatasetVersion,
    DistillationRun,
    Export,
    RunCase,
    Selection,
)
from datasets.services.benchmarks import create_benchmark
from datasets.services.storing import TreeToStore, store_trees
from diagnosis.models import Case
from diagnosis.services import import_cases
from medaction.distill.pruning import Thresholds
from medaction.domain.canonical import content_hash
from medaction.domain.case import Case as DomainCase
from medaction.domain.environment import EnvironmentSettings
from medaction.formats.rows import CaseRow
from medaction.formats.teaching import load_teaching_cases
from tests.datasets.trees import GRAPH, METRIC, make_record, make_scores, make_verdicts
from tests.diagnosis.factories import make_user
from tests.review.factories import give_roles

CONFIG = {
    "shape": {"root": 3, "below": 2, "leaves": 16, "temperature": 0.9, "nodes": 400, "tokens": None},
    "environment": {"horizon": 5, "menu_visible": False},
}
THRESHOLDS = Thresholds().to_dict()
DATA_MANAGER, AUDITOR, LEARNER = "data manager", "auditor", "learner"


def make_role(role: str, name: str | None = None, **values):
    """A person with one of the site's roles. Tests with real transactions empty the table of groups."""
    if not Group.objects.filter(name=role).exists():
        import_module("datasets.migrations.0003_roles").make_roles(apps, connection.schema_editor())
        import_module("datasets.migrations.0007_benchmarks_kept").give_rights(apps, connection.schema_editor())
        give_roles()
        import_module("datasets.migrations.0008_model_roles").grant_models(apps, connection.schema_editor())
    user = make_user(name)
    for field, value in values.items():
        setattr(user, field, value)
    user.save()
    user.groups.add(Group.objects.get(name=role))
    return user


def make_cases(count: int, moulds: int | None = None) -> list[Case]:
    """Copies of the teaching cases (of the first ``moulds``), each under an id and a group of its own."""
    shipped = load_teaching_cases()[:moulds]
    made = []
    for number in range(count):
        mould = shipped[number % len(shipped)]
        made.append(replace(mould, id=f"copy-{number:04}", group_key=f"group-{number:04}"))
    report = import_cases(rows=[CaseRow(line, case) for line, case in enumerate(made, start=1)])
    assert not report.errors
    return list(Case.objects.filter(slug__in=[case.id for case in made], is_current=True).order_by("slug"))


def copy_case(case: Case, **values) -> Case:
    """Another case, under an id of its own, that differs in what is named."""
    domain = replace(DomainCase.from_dict(case.payload), id=f"{case.slug}-copy", **values)
    report = import_cases(rows=[CaseRow(1, domain)])
    assert not report.errors
    return Case.objects.get(slug=domain.id, is_current=True)


def make_run(cases: list[Case], owner=None, **values) -> DistillationRun:
    """A run that waits, with its own selection."""
    manifest = {"prompt": "p" * 64, "seed": 1, "nonce": uuid4().hex}
    fields = {
        "name": "A run",
        "owner": owner,
        "policy": "test",
        "policy_label": "Test policy",
        "config": CONFIG,
        "thresholds": THRESHOLDS,
        "seed": 1,
        "graph_hash": GRAPH,
        "metric_version": METRIC,
        "manifest": manifest,
        "fingerprint": content_hash(manifest),
        "case_count": len(cases),
    }
    run = DistillationRun.objects.create(**{**fields, **values})
    RunCase.objects.bulk_create(RunCase(run=run, case=case, position=position) for position, case in enumerate(cases))
    make_selection(run, name="With the run")
    return run


def make_selection(run: DistillationRun, thresholds: dict | None = None, name: str = "Another") -> Selection:
    thresholds = thresholds or run.thresholds
    return Selection.objects.create(
        run=run, name=name, thresholds=thresholds, thresholds_hash=content_hash(thresholds), owner=run.owner
    )


def make_export(run: DistillationRun, content: bytes) -> Export:
    """A frozen version of a run's own selection, written once."""
    dataset, _ = Dataset.objects.get_or_create(slug="teaching", defaults={"name": "Teaching"})
    version = DatasetVersion.objects.create(dataset=dataset, number=dataset.versions.count() + 1)
    version.selections.add(run.selections.order_by("created_at")[0])
    version.state, version.finished_at, version.content_hash = "SUCCEEDED", timezone.now(), "c" * 64
    version.counts, version.licences = {"branches": 3, "cases": 3}, ["CC BY 4.0"]
    version.manifest, version.card = {"seed": 1}, "# Teaching\n\nThree *branches*."
    version.save()
    export = Export(version=version, format="sft", state="SUCCEEDED", finished_at=timezone.now(), row_count=3)
    export.file.save("train.jsonl", ContentFile(content), save=False)
    export.sha256, export.size_bytes = sha256(content).hexdigest(), len(content)
    export.save()
    return export


def make_grown_run(cases: list[Case], owner=None, **values) -> DistillationRun:
    """A run that is done: a tree a case, each with a branch of three kinds."""
    run = make_run(cases, owner, **values)
    payloads = dict(Case.objects.filter(pk__in=[case.pk for case in cases]).values_list("pk", "payload"))
    trees = []
    for case in cases:
        record = make_record(DomainCase.from_dict(payloads[case.pk]))
        scores = make_scores(record)
        trees.append(TreeToStore(case.pk, record, scores, make_verdicts(scores)))
    stored = store_trees(run=run, selection=run.selections.get(), trees=trees)
    for tree in trees:
        RunCase.objects.filter(run=run, case=tree.case_id).update(
            trajectory=stored.trajectories[tree.case_id],
            policy=tree.record["policy"],
            seed=tree.record["seed"],
            leaves=tree.record["leaves"],
            rejected=tree.record["rejected"],
            usage=tree.record["usage"],
            node_count=len(tree.record["nodes"]),
            branch_count=3,
        )
    run.state = DistillationRun.State.SUCCEEDED
    run.started_at = run.finished_at = run.progressed_at = timezone.now()
    run.grown_count, run.node_count, run.branch_count = len(cases), stored.nodes, stored.branches
    run.retained_count = run.truncated_count = run.unassessable_count = len(cases)
    run.save(
        update_fields=["state", "started_at", "finished_at", "progressed_at", "grown_count", "node_count",
                       "branch_count", "retained_count", "truncated_count", "unassessable_count"]
    )  # fmt: skip
    return run


def make_benchmark(cases: list[Case], owner=None, name: str = "Some cases") -> Benchmark:
    protocol = EnvironmentSettings()
    return create_benchmark(owner=owner, name=name, description="", cases=cases, protocol=protocol)[0]


def make_bench_run(benchmark: Benchmark, owner=None, **values) -> BenchmarkRun:
    """A run that waits, with its results still to come and no chunks."""
    manifest = {"benchmark": benchmark.content_hash, "nonce": uuid4().hex}
    fields = {
        "policy": "test",
        "policy_label": "Test policy",
        "settings": {"horizon": 5, "menu_visible": False},
        "seed": 1,
        "graph_hash": GRAPH,
        "metric_version": METRIC,
        "prompt_hash": "p" * 64,
        "manifest": manifest,
        "fingerprint": content_hash(manifest),
        "result_count": benchmark.case_count,
    }
    run = BenchmarkRun.objects.create(benchmark=benchmark, owner=owner, **{**fields, **values})
    asked = benchmark.cases.order_by("position").values_list("case", "position")
    BenchmarkResult.objects.bulk_create(
        BenchmarkResult(run=run, case_id=case, position=position) for case, position in asked
    )
    return run
