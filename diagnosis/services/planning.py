"""From the stored branch to what the model is asked: the same for every attempt."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from diagnosis.models import Case, GenerationJob, TrajectoryNode
from diagnosis.selectors.branch import OBSERVATION, TURN, get_branch, list_actions
from medaction.domain.case import Case as DomainCase
from medaction.domain.environment import Environment, EnvironmentSettings
from medaction.domain.observation import Observation
from medaction.domain.prompt import Message, render_messages
from medaction.domain.transcript import turn_schema
from medaction.inference.port import ChatRequest


@dataclass(frozen=True, slots=True)
class TurnPlan:
    """``request`` is complete; ``must_diagnose`` says that this is the last turn."""

    request: ChatRequest
    must_diagnose: bool


@dataclass(frozen=True, slots=True)
class Prefix:
    """``messages`` are complete; ``citable`` are the ids of the observations shown so far."""

    messages: tuple[Message, ...]
    must_diagnose: bool
    citable: tuple[str, ...]


def plan_turn(job: GenerationJob) -> TurnPlan:
    """``job`` comes with its session and trajectory."""
    session = job.session
    trajectory = session.trajectory
    branch = get_branch(trajectory_id=session.trajectory_id, leaf_seq=job.parent_seq)
    case = load_case(session.case_id)
    prefix = render_prefix(case, trajectory.settings["environment"], branch)
    sampling = trajectory.settings["sampling"]
    request = ChatRequest(
        messages=[dict(message) for message in prefix.messages],
        max_tokens=sampling["max_tokens"],
        temperature=sampling["temperature"],
        seed=seed_of(case.content_hash, branch[-1].content_hash),
        json_schema=turn_schema(prefix.must_diagnose, prefix.citable),
    )
    return TurnPlan(request, prefix.must_diagnose)


def render_prefix(case: DomainCase, settings: dict[str, object], branch: Sequence[TrajectoryNode]) -> Prefix:
    """What a model is shown at the end of the branch, which is an observation."""
    environment = replay(case, settings, branch)
    observation, *following = (Observation.from_dict(node.content) for node in branch if node.kind == OBSERVATION)
    answers = [node.content["text"] for node in branch if node.kind == TURN]
    messages = render_messages(
        observation,
        list(zip(answers, following, strict=True)),
        must_diagnose=environment.must_diagnose,
        menu=environment.menu_names,
    )
    citable = [citation for shown in (observation, *following) for citation in shown.citable_ids]
    return Prefix(tuple(messages), environment.must_diagnose, tuple(citable))


@lru_cache(maxsize=256)
def load_case(case_id: int) -> DomainCase:
    """Cached: a stored revision of a case never changes."""
    return DomainCase.from_dict(Case.objects.values_list("payload", flat=True).get(pk=case_id))


def replay(case: DomainCase, settings: dict[str, object], branch: Sequence[TrajectoryNode]) -> Environment:
    """The environment as it stands at the end of the branch."""
    environment = Environment(case, EnvironmentSettings(**settings))
    environment.replay(list_actions(branch))
    return environment


def seed_of(case_hash: str, path_hash: str) -> int:
    """The sampling seed of a place in a tree (31 bits): another attempt at the same place draws the same numbers."""
    return int.from_bytes(sha256(f"{case_hash}{path_hash}".encode()).digest()[:4]) >> 1
