"""People's finished walkthroughs as records of a benchmark, computed by what computes a model's.

A person who has seen the truth of a case does not count on it again: only the first finished walkthrough of a case
counts, and none after the case was watched to its end. Readers are told apart by a pseudonym.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.crypto import salted_hmac

from datasets.models import Benchmark
from diagnosis.models import Session, TrajectoryNode
from medaction.bench import BenchSettings
from medaction.bench.record import describe_episode
from medaction.bench.retelling import retell_episode
from medaction.domain.actions import Turn
from medaction.domain.case import Case as DomainCase
from medaction.domain.observation import Observation
from medaction.knowledge import KnowledgeGraph

LABEL = "Human"


@dataclass(frozen=True, slots=True)
class HumanRecords:
    """``by_reader``: records by pseudonym, in the order of the case ids. ``left_out``: walkthroughs, by reason.
    ``cases``: what the records are of, by id. ``settings``: the environment that all of them had."""

    by_reader: dict[str, list[dict[str, Any]]]
    cases: dict[str, DomainCase]
    settings: BenchSettings
    left_out: dict[str, int]

    def pool(self) -> list[dict[str, Any]]:
        """All records; a reader's number is the sample, so that a case counts as the mean of its readers."""
        numbered = enumerate(sorted(self.by_reader))
        pooled = [{**record, "sample": number} for number, name in numbered for record in self.by_reader[name]]
        return sorted(pooled, key=lambda record: (record["id"], record["sample"]))


def list_human_records(*, graph: KnowledgeGraph, source: str = "", benchmark: Benchmark | None = None) -> HumanRecords:
    """Scored here: some milliseconds each, so it is a worker's or a command's work, not a page's. Three queries.

    ``source``: only cases of this source. Of walkthroughs with several horizons the most frequent one is taken.
    ``benchmark``: only its cases, in its revisions.
    """
    sessions = Session.objects.select_related("case", "trajectory").order_by("ended_at", "pk")
    if source:
        sessions = sessions.filter(case__source=source)
    if benchmark is not None:
        asked = benchmark.cases.values_list("case", flat=True)
        sessions = sessions.filter(case__slug__in=benchmark.cases.values("case__slug"))
    left_out: Counter[str] = Counter()
    counted = list(_first_of_each(sessions, left_out))
    if benchmark is not None:
        same = [session for session in counted if session.case_id in set(asked)]
        left_out["another revision"], counted = len(counted) - len(same), same
    horizons = Counter(session.trajectory.settings["environment"]["horizon"] for session in counted)
    horizon = min(horizons, key=lambda turns: (-horizons[turns], turns), default=BenchSettings().horizon)
    settings = BenchSettings(horizon=horizon)
    left_out["another horizon"] = len(counted) - horizons[horizon]
    counted = [s for s in counted if s.trajectory.settings["environment"]["horizon"] == horizon]
    nodes = _nodes_of(counted)
    by_reader: dict[str, list[dict[str, Any]]] = defaultdict(list)
    cases: dict[str, DomainCase] = {}
    for session in counted:
        case = DomainCase.from_dict(session.case.payload)
        cases[case.id] = case
        reader = name_reader(session.owner_id)
        by_reader[reader].append(_record(session, case, nodes[session.trajectory_id], graph, settings, reader))
    for records in by_reader.values():
        records.sort(key=lambda record: record["id"])
    return HumanRecords(dict(sorted(by_reader.items())), cases, settings, {k: n for k, n in left_out.items() if n})


def name_reader(user_id: int) -> str:
    """A pseudonym: the same for the same person on this server, and of no use without its secret key."""
    return f"reader-{salted_hmac('medaction.bench.reader', str(user_id), algorithm='sha256').hexdigest()[:8]}"


def _first_of_each(sessions: Sequence[Session], left_out: Counter[str]) -> Iterator[Session]:
    """Of sessions in the order in which they ended (those that have not, last)."""
    knew: set[tuple[int, str]] = set()
    for session in sessions:
        key = session.owner_id, session.case.slug
        is_drive = session.mode == Session.Mode.DRIVE
        if session.state == Session.State.ACTIVE:
            left_out["unfinished"] += is_drive
        elif is_drive and key in knew:
            left_out["truth seen before"] += 1
        elif is_drive:
            yield session
        if session.state != Session.State.ACTIVE:
            knew.add(key)


def _nodes_of(sessions: Sequence[Session]) -> dict[Any, list[TrajectoryNode]]:
    """In their order: a person's walkthrough never branches."""
    found: dict[Any, list[TrajectoryNode]] = defaultdict(list)
    trees = [session.trajectory_id for session in sessions]
    for node in TrajectoryNode.objects.filter(trajectory_id__in=trees).order_by("trajectory_id", "seq"):
        found[node.trajectory_id].append(node)
    return found


def _record(
    session: Session,
    case: DomainCase,
    nodes: Sequence[TrajectoryNode],
    graph: KnowledgeGraph,
    settings: BenchSettings,
    reader: str,
) -> dict[str, Any]:
    told = [node.content for node in nodes if node.kind == TrajectoryNode.Kind.TURN]
    first, *answers = (
        Observation.from_dict(node.content) for node in nodes if node.kind == TrajectoryNode.Kind.OBSERVATION
    )
    turns = [(content["text"], Turn.from_dict(content["turn"])) for content in told]
    episode = retell_episode(case, first, turns, answers)
    record = describe_episode(episode, graph, settings, by=f"{LABEL} ({reader})")
    seconds = (session.ended_at - session.created_at).total_seconds()
    return {**record, "sample": 0, "seconds": round(seconds, 1), "reader": reader}
