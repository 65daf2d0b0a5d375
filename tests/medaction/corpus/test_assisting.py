"""Rows in the assisted prompt: what is learned was offered, and a version says which prompt it is in."""

from dataclasses import replace

import pytest

from medaction.corpus import CorpusError, Recipe, build_version
from medaction.corpus.assisting import assist_material
from medaction.corpus.manifest import make_manifest
from medaction.distill.episode import run_episode
from medaction.distill.policies.assisted import AssistedPrompt
from medaction.distill.policies.assisted_prompt import SYSTEM, assisted_prompt_hash
from medaction.distill.policies.chat import render_view
from medaction.distill.policies.kg import KgPolicy
from medaction.domain.actions import FinalDiagnosis, Hypothesis, Turn
from medaction.domain.parser import parse_turn
from medaction.domain.prompt import prompt_hash
from medaction.domain.transcript import render_turn
from medaction.formats.training import FORMATS, BranchMaterial, Preference, TaughtTurn, TreeMaterial
from medaction.knowledge import open_graph

from .runs import some_cases, write_run


@pytest.fixture(scope="module")
def policy(request):
    return KgPolicy(open_graph(request.config.cache.mkdir("knowledge")))


@pytest.fixture
async def tree(policy):
    """One branch of the kg policy through a teaching case, all of it kept, as `read_materials` would tell it."""
    case = some_cases(1)[0]
    view = (await run_episode(case, policy)).view
    texts = [step.reply.text for step in view.steps]
    messages = [*render_view(replace(view, steps=view.steps[:-1])), {"role": "assistant", "content": texts[-1]}]
    turns = tuple(TaughtTurn(place, 2 * place + 4, text, True) for place, text in enumerate(texts))
    branch = BranchMaterial(9, "RETAINED", tuple(messages), turns, len(turns))
    return TreeMaterial(case, "0" * 64, "kg", (branch,))


async def test_a_row_is_shorter_valid_and_teaches_the_same_choices(tree, policy):
    (row,) = FORMATS["sft"].rows(assist_material(tree, AssistedPrompt(policy)))
    FORMATS["sft"].check(row)
    assert row["messages"][0] == {"role": "system", "content": SYSTEM}
    assert row["loss"] == [message["role"] == "assistant" for message in row["messages"]]
    assert sum(len(m["content"]) for m in row["messages"]) < sum(len(m["content"]) for m in tree.branches[0].messages)
    taught = [parse_turn(m["content"]) for m in row["messages"] if m["role"] == "assistant"]
    meant = [parse_turn(turn.text) for turn in tree.branches[0].turns]
    assert [turn.action for turn in taught] == [turn.action for turn in meant]
    assert [turn.differential[0].dx for turn in taught] == [turn.differential[0].dx for turn in meant]


async def test_a_choice_that_was_not_offered_stays_but_is_not_learned(tree, policy):
    branch = tree.branches[0]
    pair = (Hypothesis("Plague", 0.6), Hypothesis("Scurvy", 0.2))
    odd = render_turn(Turn("I cannot tell.", pair, FinalDiagnosis("Plague")))
    turns = (*branch.turns[:-1], replace(branch.turns[-1], text=odd))
    messages = (*branch.messages[:-1], {"role": "assistant", "content": odd})
    changed = replace(tree, branches=(replace(branch, turns=turns, messages=messages),))
    (row,) = FORMATS["sft"].rows(assist_material(changed, AssistedPrompt(policy)))
    assert "Plague" in row["messages"][-1]["content"]
    assert row["loss"][-1] is False
    assert any(row["loss"])


async def test_preferences_are_kept_where_both_turns_were_offered(tree, policy):
    prompt = AssistedPrompt(policy)
    branch = tree.branches[0]
    asked = branch.messages[: branch.turns[0].message]
    turn = parse_turn(branch.turns[0].text)
    other = render_turn(replace(turn, differential=turn.differential[1:]))
    outlandish = render_turn(replace(turn, action=FinalDiagnosis("Plague")))
    pairs = tuple(Preference(asked, branch.turns[0].text, text, 0.2, "", 1, 2) for text in (other, outlandish))
    kept = assist_material(replace(tree, preferences=lambda: pairs), prompt).preferences()
    assert len(kept) == 1
    assert kept[0].prompt[0]["content"] == SYSTEM
    assert parse_turn(kept[0].rejected).differential[0].dx == turn.differential[1].dx


def test_a_version_says_which_prompt_it_is_in(tmp_path):
    run = write_run(tmp_path / "run", some_cases(1))
    plain, assisted = (make_manifest(Recipe(prompt=name), [run], {}, {}, {}) for name in ("plain", "assisted"))
    assert (plain["prompt"], assisted["prompt"]) == (prompt_hash(), assisted_prompt_hash())
    assert "prompt" not in plain["recipe"]
    assert assisted["recipe"]["prompt"] == "assisted"


def test_the_assisted_prompt_needs_the_graph_and_nothing_is_left_behind(tmp_path):
    run = write_run(tmp_path / "run", some_cases(1))
    with pytest.raises(CorpusError, match="needs the knowledge graph"):
        build_version([run], tmp_path / "out", Recipe(prompt="assisted"))
    with pytest.raises(CorpusError, match="no prompt"):
        Recipe(prompt="poem")
    assert not (tmp_path / "out").exists()
