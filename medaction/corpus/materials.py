"""A run's trees as the messages of their branches, with what the verdicts keep of them."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from medaction.distill.judging import TreeScores, TreeVerdicts
from medaction.distill.pruning import BranchVerdict, Verdict
from medaction.distill.record import TreeRecord
from medaction.distill.runs import Run
from medaction.domain.branch import FIRST_TURN, read_observation, read_turn
from medaction.domain.case import Case
from medaction.domain.environment import Environment, EnvironmentSettings
from medaction.domain.prompt import LAST_TURN, Message, render_messages, render_observation
from medaction.domain.tree import Node, NodeKind
from medaction.formats.training import BranchMaterial, TaughtTurn, TreeMaterial

from .errors import CorpusError
from .preferences import list_preferences


def read_materials(run: Run) -> Iterator[TreeMaterial]:
    """The trees in the run's order. Raises :class:`CorpusError` where a tree has no scores or verdicts yet."""
    cases = run.cases()
    settings = EnvironmentSettings(**run.manifest["environment"])
    for record, scored, pruned in zip_longest(run.trees(), run.scores(), run.verdicts()):
        if record is None or scored is None or pruned is None or len({record.case, scored.case, pruned.case}) > 1:
            raise CorpusError(
                f"{run.path} is not scored and pruned to its end; run `medaction distill score {run.path}` and "
                f"`medaction distill prune {run.path}` first"
            )
        yield make_material(run.fingerprint, cases[record.case], record, settings, scored, pruned)


def make_material(
    run: str,
    case: Case,
    record: TreeRecord,
    settings: EnvironmentSettings,
    scored: TreeScores,
    pruned: TreeVerdicts,
) -> TreeMaterial:
    """One tree. ``run``: its run's fingerprint; ``scored``, ``pruned``: its lines of ``scores`` and ``verdicts``."""
    verdicts = {verdict.leaf: verdict for verdict in pruned.verdicts}
    menu = Environment(case, settings).menu_names
    taught: set[int] = set()
    branches: list[BranchMaterial] = []
    for leaf, nodes in record.branches():
        branch = _branch(nodes, settings.horizon, menu, verdicts[leaf.seq], leaf.seq, taught)
        taught |= {turn.seq for turn in branch.kept_turns}
        branches.append(branch)
    stored = {**record.to_dict(), "branches": scored.to_dict()["branches"], "verdicts": pruned.to_dict()["verdicts"]}
    pairs = list_preferences(record, branches, scored, pruned)
    return TreeMaterial(case, run, record.policy, tuple(branches), pairs, stored)


def _branch(
    nodes: Sequence[Node],
    horizon: int,
    menu: Sequence[str] | None,
    verdict: BranchVerdict,
    leaf: int,
    taught: set[int],
) -> BranchMaterial:
    turns = [node for node in nodes if node.kind is NodeKind.TURN]
    shown = [read_observation(node) for node in nodes if node.kind is NodeKind.OBSERVATION]
    messages: list[Message] = render_messages(shown[0], (), must_diagnose=horizon == 1, menu=menu)
    good = _judge(turns, verdict)
    written: list[TaughtTurn] = []
    for place, node in enumerate(turns):
        if place:
            said = render_observation(shown[place])
            last = f"\n{LAST_TURN}" if place + 1 == horizon else ""
            messages.append({"role": "user", "content": said + last})
        text = node.content["text"]
        written.append(TaughtTurn(node.seq, len(messages), text, good[place], node.sampled, node.seq not in taught))
        messages.append({"role": "assistant", "content": text})
    return BranchMaterial(leaf, verdict.verdict.value, tuple(messages), tuple(written), _kept(good, verdict.kept))


def _judge(turns: Sequence[Node], verdict: BranchVerdict) -> list[bool | None]:
    """Of each turn: kept, at fault, or unjudged. A turn that nobody could read is at fault wherever it stands."""
    good: list[bool | None] = []
    for place, node in enumerate(turns):
        if place < verdict.kept:
            good.append(read_turn(node).valid)
        else:
            at_fault = verdict.t_star == place + FIRST_TURN and verdict.verdict in (
                Verdict.TRUNCATED,
                Verdict.REJECTED,
            )
            good.append(False if at_fault else None)
    return good


def _kept(good: Sequence[bool | None], kept: int) -> int:
    """Leading turns that the verdict keeps; they end with one that can be learned from."""
    return max((place for place, judged in enumerate(good[:kept], start=1) if judged), default=0)
