"""A run directory of the command line into the database: all of it, once."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from datasets.models import DistillationRun, RunCase, Selection, Verdict
from datasets.services.errors import RunRefused
from datasets.services.run_cases import ensure_cases
from datasets.services.storing import Stored, TreeToStore, store_trees, tree_fields
from medaction.distill.lines import LinesError, read_json_lines
from medaction.distill.manifest import hash_cases
from medaction.distill.record import TreeRecord
from medaction.distill.runs import SCORES, TREES, VERDICTS, Run, RunError, open_run
from medaction.domain.canonical import content_hash
from medaction.domain.case import Case, CaseError
from medaction.domain.tree import TreeError

BATCH = 200
HOW = {TREES: "medaction distill grow", SCORES: "medaction distill score", VERDICTS: "medaction distill prune"}
# What was loaded at once is planned for at once, and not when the database finds the time to look at it.
ANALYSE = (
    "ANALYZE diagnosis_trajectory, diagnosis_trajectorynode, datasets_runcase, datasets_score, datasets_verdict,"
    " diagnosis_case"
)
State = DistillationRun.State
COUNTED = {
    Verdict.Kind.RETAINED: "retained_count",
    Verdict.Kind.TRUNCATED: "truncated_count",
    Verdict.Kind.REJECTED: "rejected_count",
    Verdict.Kind.NOT_ASSESSABLE: "unassessable_count",
}


@dataclass(frozen=True, slots=True)
class ImportedRun:
    """``created`` False: the same run was here already, and nothing was changed."""

    run: DistillationRun
    created: bool
    nodes: int = 0
    scores: int = 0
    verdicts: int = 0
    seconds: float = 0.0


def import_run(*, path: Path, owner: Any = None, name: str = "") -> ImportedRun:
    """Import a finished run with its scores and verdicts, if it has them. The same fingerprint again changes nothing.

    Every hash is computed anew. Raises :class:`RunRefused`, with nothing written.
    """
    started = time.monotonic()
    try:
        source = open_run(path)
        known = find_run(source.fingerprint)
        if known is not None:
            return ImportedRun(known, created=False)
        with transaction.atomic():
            run, stored = _write(source, owner, name or path.resolve().name)
    except (RunError, LinesError, CaseError, TreeError) as error:
        raise RunRefused(f"{path}: {error}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise RunRefused(f"{path} is not as `medaction distill grow` writes it ({error!r})") from error
    except IntegrityError as error:
        known = find_run(source.fingerprint)
        if known is None:
            raise RunRefused(f"{path} cannot be stored: {error}") from error
        return ImportedRun(known, created=False)
    with connection.cursor() as cursor:
        cursor.execute(ANALYSE)
    seconds = time.monotonic() - started
    return ImportedRun(run, True, stored.nodes, stored.scores, stored.verdicts.total(), seconds)


def find_run(fingerprint: str) -> DistillationRun | None:
    """The run that is or was made of exactly this, unless it was given up."""
    found = DistillationRun.objects.filter(fingerprint=fingerprint)
    return found.exclude(state__in=(State.CANCELLED, State.FAILED)).first()


def _write(source: Run, owner: Any, name: str) -> tuple[DistillationRun, Stored]:
    manifest = source.manifest
    cases = source.cases()
    if hash_cases(list(cases.values())) != manifest["cases"]["sha256"]:
        raise RunError("cases.jsonl is not the file that the run was grown from")
    ids = ensure_cases(cases=cases)
    first = next(_lines(source, SCORES), None)
    thresholds = next((line["thresholds"] for line in _lines(source, VERDICTS)), {})
    now = timezone.now()
    run = DistillationRun.objects.create(
        name=name[:120],
        owner=owner,
        origin=DistillationRun.Origin.DIRECTORY,
        policy=manifest["policy"]["name"],
        policy_label=manifest["policy"]["label"][:200],
        config={"shape": manifest["shape"], "environment": manifest["environment"]},
        thresholds=thresholds,
        seed=manifest["seed"],
        graph_hash=manifest["graph"],
        metric_version=first["branches"][0]["metric_version"] if first and first["branches"] else "",
        manifest=manifest,
        fingerprint=source.fingerprint,
        state=State.SUCCEEDED,
        case_count=len(cases),
        started_at=now,
        finished_at=now,
    )
    selection = Selection.objects.create(
        run=run,
        owner=owner,
        name="As in the directory",
        thresholds=thresholds,
        thresholds_hash=content_hash(thresholds),
    )
    stored = _write_trees(source, run, selection, cases, ids)
    run.grown_count, run.node_count, run.branch_count = len(cases), stored.nodes, stored.branches
    for kind, field in COUNTED.items():
        setattr(run, field, stored.verdicts[kind])
    run.save(update_fields=["grown_count", "node_count", "branch_count", *COUNTED.values()])
    return run, stored


def _write_trees(
    source: Run, run: DistillationRun, selection: Selection, cases: dict[str, Case], ids: dict[str, int]
) -> Stored:
    """Each file has every case in the order of the cases, or (scores and verdicts) none at all."""
    total = Stored()
    scores, verdicts = _lines_of(source, SCORES, cases), _lines_of(source, VERDICTS, cases)
    position = 0
    for batch in _batches(map(TreeRecord.from_dict, _lines_of(source, TREES, cases))):
        trees = []
        for record in batch:
            if record.case_hash != cases[record.case].content_hash:
                raise RunError(f"the tree of {record.case} grew from another revision of the case")
            record.tree().verify()
            branches = next(scores, {"branches": ()})["branches"]
            decided = next(verdicts, {"verdicts": ()})["verdicts"]
            trees.append(TreeToStore(ids[record.case], record.to_dict(), branches, decided))
        stored = store_trees(run=run, selection=selection, trees=trees)
        RunCase.objects.bulk_create(
            build_run_case(run, tree, position + place, stored.trajectories[tree.case_id])
            for place, tree in enumerate(trees)
        )
        position += len(trees)
        total.add(stored)
    # What is left in them would be too much.
    for lines in (scores, verdicts):
        next(lines, None)
    return total


def _lines_of(source: Run, name: str, cases: dict[str, Case]) -> Iterator[dict[str, Any]]:
    """The file's lines as they are written, one for each case in their order; nothing when the file has none."""
    expected = iter(cases)
    done: set[str] = set()
    for line in _lines(source, name):
        if line["case"] in done:
            raise RunError(f"{name} holds a case twice: it was not written by this program alone")
        if line["case"] != next(expected, None):
            raise RunError(f"{name} has its cases not in their order, or leaves one out; finish it with `{HOW[name]}`")
        done.add(line["case"])
        yield line
    if (done or name == TREES) and len(done) != len(cases):
        raise RunError(f"{name} has {len(done)} of {len(cases)} cases; finish it with `{HOW[name]}`")


def build_run_case(run: DistillationRun, tree: TreeToStore, position: int, trajectory_id: Any) -> RunCase:
    return RunCase(run=run, case_id=tree.case_id, position=position, **tree_fields(tree, trajectory_id))


def _lines(source: Run, name: str) -> Iterator[dict[str, Any]]:
    """As they are written: what only passes through needs no other form."""
    return read_json_lines(source.path / name)


def _batches(trees: Iterator[TreeRecord]) -> Iterator[Sequence[TreeRecord]]:
    while batch := list(islice(trees, BATCH)):
        yield batch
