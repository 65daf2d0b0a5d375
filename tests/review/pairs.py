"""Making pairs: trees in which the same place is gone on from in several ways."""

from collections.abc import Sequence

from diagnosis.models import Case, Trajectory
from diagnosis.services import import_cases
from diagnosis.services.appending import describe_turn
from diagnosis.services.nodes import append_node
from medaction.domain.actions import FinalDiagnosis, Hypothesis, TestOrder, Turn
from medaction.domain.case import Case as DomainCase
from medaction.domain.environment import Environment, EnvironmentSettings
from medaction.domain.transcript import render_turn
from medaction.domain.tree import NodeKind
from medaction.formats.rows import CaseRow
from medaction.formats.teaching import load_teaching_cases
from review.models import Pair, PairDraft, Reviewer
from review.rules import PairAnswer
from review.services.pair_claiming import claim_pair
from review.services.pairing import add_pair
from review.services.preferring import submit_preference
from tests.diagnosis.factories import make_case
from tests.review.factories import SETTINGS


def make_tree(ways: Sequence[int] = (1, 1), case=None, policies: Sequence[str] = ("kg", "kg"), words="") -> Trajectory:
    """A tree with a way of so many turns from the presentation for each of ``ways``; its turns order the menu's tests
    one by one, and the last gives the diagnosis. Each begins with another test."""
    case = case or make_case()
    domain = DomainCase.from_dict(case.payload)
    tree = Trajectory.objects.create(case=case, origin="SYNTHETIC", settings={"environment": SETTINGS})
    environment = Environment(domain, EnvironmentSettings(**SETTINGS))
    root = append_node(tree, 0, None, NodeKind.OBSERVATION, environment.reset().to_dict(), sampled=False)
    seq = 0
    for place, (turns, policy) in enumerate(zip(ways, policies, strict=True)):
        environment.reset()
        node = root
        for index in range(turns):
            last = index == turns - 1 and turns > 1
            action = FinalDiagnosis(domain.diagnosis.text) if last else TestOrder((domain.menu[place + index].name,))
            turn = Turn(f"Way {place}, turn {index + 1}. {words}", (Hypothesis("Stroke", 0.5, ("o1.1",)),), action)
            content = describe_turn(
                number=index + 2, text=render_turn(turn), turn=turn, model=policy, model_label=f"Model {policy}"
            )
            node = append_node(tree, seq := seq + 1, node, NodeKind.TURN, content, sampled=True)
            step = environment.step(action)
            if not step.terminated:
                answer = step.observation.to_dict()
                node = append_node(tree, seq := seq + 1, node, NodeKind.OBSERVATION, answer, sampled=False)
    return tree


def make_other_case() -> Case:
    import_cases(rows=[CaseRow(1, load_teaching_cases()[1])])
    return Case.objects.get(slug=load_teaching_cases()[1].id)


def make_siblings(tree: Trajectory | None = None, **values) -> Pair:
    """The first turns of a tree's two ways: nodes 1 and 3."""
    tree = tree or make_tree()
    return add_pair(first=(tree, 1), second=(tree, 3), **{"reason": "A test wants them compared.", **values})


def make_rivals(case=None, policies: Sequence[str] = ("kg", "llm"), **values) -> Pair:
    """Whole work-ups of one case by two policies, in two trajectories."""
    case = case or make_case()
    # Who took the turns must not stand in their words: pages may not tell.
    ends = [(make_tree((2,), case, (each,), words=f"Style {place}."), 3) for place, each in enumerate(policies)]
    return add_pair(first=ends[0], second=ends[1], **{"reason": "A test wants them compared.", **values})


def prefer(reviewer: Reviewer, choice: str = "FIRST", **values) -> Pair:
    """The next pair, answered."""
    pair = claim_pair(user=reviewer.user).pair
    answer_pair(reviewer, pair, choice, **values)
    return pair


def answer_pair(reviewer: Reviewer, pair: Pair, choice: str = "FIRST", **values):
    draft = PairDraft.objects.get(pair=pair, reviewer=reviewer)
    answer = PairAnswer(choice=choice, **values)
    return submit_preference(reviewer=reviewer, pair=pair, revision=draft.revision, answer=answer)
