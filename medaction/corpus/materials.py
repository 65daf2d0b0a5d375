"""A run's trees as the messages of their branches, with what the verdicts keep of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from typing import Any

import orjson

from medaction.distill.judging import TreeVerdicts
from medaction.distill.pruning import BranchVerdict, Verdict
from medaction.distill.record import TreeRecord
from medaction.distill.runs import SCORES, TREES, VERDICTS, Run
from medaction.domain.branch import FIRST_TURN, read_observation, read_turn
from medaction.domain.case import Case
from medaction.domain.environment import EnvironmentSettings, list_menu
from medaction.domain.prompt import LAST_TURN, Message, render_messages, render_observation
from medaction.domain.tree import Node, NodeKind
from medaction.formats.training import BranchMaterial, Preference, TaughtTurn, TreeMaterial

from .errors import CorpusError
from .preferences import list_preferences

Stored = dict[str, Any]


def read_materials(run: Run, *, scores: bool = True) -> Iterator[TreeMaterial]:
    """The trees in the run's order. ``scores``: whether they are needed; a run without them will do otherwise.

    Raises :class:`CorpusError` where a tree has no scores or verdicts yet.
    """
    cases = run.cases()
    settings = EnvironmentSettings(**run.manifest["environment"])
    score_lines = (run.lines(SCORES),) if scores else ()
    for tree, pruned, *lines in zip_longest(run.records(TREES), run.records(VERDICTS), *score_lines):
        if tree is None or pruned is None or None in lines or tree["case"] != pruned["case"]:
            raise _unfinished(run)
        read = partial(_read_scores, run, tree["case"], *lines) if scores else tuple
        yield make_material(run.fingerprint, cases[tree["case"]], settings, tree, read, pruned)


def _read_scores(run: Run, case: str, line: bytes) -> Sequence[Stored]:
    scored = orjson.loads(line)
    if scored["case"] != case:
        raise _unfinished(run)
    branches: Sequence[Stored] = scored["branches"]
    return branches


def _unfinished(run: Run) -> CorpusError:
    return CorpusError(
        f"{run.path} is not scored and pruned to its end; run `medaction distill score {run.path}` and "
        f"`medaction distill prune {run.path}` first"
    )


def make_material(
    run: str,
    case: Case,
    settings: EnvironmentSettings,
    tree: Stored,
    scores: Callable[[], Sequence[Stored]],
    pruned: Stored,
) -> TreeMaterial:
    """One tree from its lines of ``trees``, ``scores`` and ``verdicts``. ``run``: its run's fingerprint."""
    record = TreeRecord.from_dict(tree)
    judged = TreeVerdicts.from_dict(pruned)
    verdicts = {verdict.leaf: verdict for verdict in judged.verdicts}
    words = Words(settings.horizon, list_menu(case, settings))
    taught: set[int] = set()
    branches: list[BranchMaterial] = []
    for leaf, nodes in record.branches():
        branch = _branch(nodes, words, verdicts[leaf.seq], leaf.seq, taught)
        taught |= {turn.seq for turn in branch.kept_turns}
        branches.append(branch)

    def preferences() -> tuple[Preference, ...]:
        return list_preferences(record, branches, scores(), judged)

    return TreeMaterial(case, run, record.policy, tuple(branches), tree, pruned["verdicts"], scores, preferences)


@dataclass(slots=True)
class Words:
    """What the nodes of one tree say and whether its turns can be read, each worked out once: branches share nodes."""

    horizon: int
    menu: Sequence[str] | None
    _opening: list[Message] = field(default_factory=list)
    _said: dict[int, Message] = field(default_factory=dict)
    _valid: dict[int, bool] = field(default_factory=dict)

    def opening(self, root: Node) -> list[Message]:
        if not self._opening:
            first = read_observation(root)
            self._opening = render_messages(first, (), must_diagnose=self.horizon == 1, menu=self.menu)
        return self._opening.copy()

    def said(self, node: Node, turns_before: int) -> Message:
        """The user's message after so many turns: a node has one depth, so one message."""
        if node.seq not in self._said:
            last = f"\n{LAST_TURN}" if turns_before + 1 == self.horizon else ""
            content = render_observation(read_observation(node)) + last
            self._said[node.seq] = {"role": "user", "content": content}
        return self._said[node.seq]

    def valid(self, node: Node) -> bool:
        if node.seq not in self._valid:
            self._valid[node.seq] = read_turn(node).valid
        return self._valid[node.seq]


def _branch(nodes: Sequence[Node], words: Words, verdict: BranchVerdict, leaf: int, taught: set[int]) -> BranchMaterial:
    good = _judge([node for node in nodes if node.kind is NodeKind.TURN], words, verdict)
    messages, written = lay_out(nodes, words, good, taught)
    return BranchMaterial(leaf, verdict.verdict.value, messages, written, _kept(good, verdict.kept))


def lay_out(
    nodes: Sequence[Node], words: Words, good: Sequence[bool | None], taught: set[int]
) -> tuple[tuple[Message, ...], tuple[TaughtTurn, ...]]:
    """A path as the model is asked along it, and its turns. ``good``: of each turn. ``taught``: turns taught before."""
    turns = [node for node in nodes if node.kind is NodeKind.TURN]
    shown = [node for node in nodes if node.kind is NodeKind.OBSERVATION]
    messages = words.opening(shown[0])
    written: list[TaughtTurn] = []
    for place, node in enumerate(turns):
        if place:
            messages.append(words.said(shown[place], place))
        text = node.content["text"]
        written.append(TaughtTurn(node.seq, len(messages), text, good[place], node.sampled, node.seq not in taught))
        messages.append({"role": "assistant", "content": text})
    return tuple(messages), tuple(written)


def _judge(turns: Sequence[Node], words: Words, verdict: BranchVerdict) -> list[bool | None]:
    """Of each turn: kept, at fault, or unjudged. A turn that nobody could read is at fault wherever it stands."""
    good: list[bool | None] = []
    for place, node in enumerate(turns):
        if place < verdict.kept:
            good.append(words.valid(node))
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
