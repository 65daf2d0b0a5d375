"""Trees in the short form of :mod:`medaction.distill.policies.assisted`: what the graph offers, and turns cut to it.

A turn whose choice the graph did not offer stays in the conversation but is not learned from: the model could only
have guessed it. Which of what is offered a good branch chose is what there is to learn.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from medaction.distill.policies.advice import Advice
from medaction.distill.policies.assisted import AssistedPrompt
from medaction.distill.policies.assisted_prompt import is_offered, shorten_turn
from medaction.distill.policies.dialogue import read_dialogue
from medaction.distill.policies.policy import View
from medaction.domain.actions import Turn
from medaction.domain.parser import parse_turn
from medaction.domain.prompt import Message
from medaction.formats.training import BranchMaterial, Preference, TreeMaterial


def assist_material(tree: TreeMaterial, prompt: AssistedPrompt, *, own_paper: bool = False) -> TreeMaterial:
    """``own_paper``: whether what the graph has from the case's own publication may be offered."""
    without = () if own_paper else tree.case.references
    branches = tuple(_assist_branch(branch, prompt, without) for branch in tree.branches)

    def preferences() -> tuple[Preference, ...]:
        return tuple(_assist_preferences(tree.preferences(), prompt, without))

    return replace(tree, branches=branches, preferences=preferences)


def _assist_branch(branch: BranchMaterial, prompt: AssistedPrompt, without: tuple[str, ...]) -> BranchMaterial:
    view = _read(branch.messages[:-1], without)
    advice = prompt.advise(view)
    said = [parse_turn(turn.text) for turn in branch.turns]
    texts = [_short(turn, advice, old.text) for turn, advice, old in zip(said, advice, branch.turns, strict=True)]
    messages = prompt.render_with(view, advice, texts[:-1])
    messages.append({"role": "assistant", "content": texts[-1]})
    turns = tuple(
        replace(
            old,
            message=2 * place + 2,
            text=text,
            # Not a fault either: the verdict still stands behind it.
            good=old.good if old.good is not True or is_offered(turn, offered) else None,
        )
        for place, (old, text, turn, offered) in enumerate(zip(branch.turns, texts, said, advice, strict=True))
    )
    return replace(branch, messages=tuple(messages), turns=turns)


def _assist_preferences(
    pairs: Sequence[Preference], prompt: AssistedPrompt, without: tuple[str, ...]
) -> Iterator[Preference]:
    """Pairs whose two turns the graph offered, and that differ in the short form."""
    for pair in pairs:
        view = _read(pair.prompt, without)
        offers = prompt.advise(view)
        chosen, rejected = parse_turn(pair.chosen), parse_turn(pair.rejected)
        if not (is_offered(chosen, offers[-1]) and is_offered(rejected, offers[-1])):
            continue
        answers = [
            _short(step.reply.turn, offer, step.reply.text) for step, offer in zip(view.steps, offers, strict=False)
        ]
        texts = shorten_turn(chosen, offers[-1]), shorten_turn(rejected, offers[-1])
        if texts[0] != texts[1]:
            messages = tuple(prompt.render_with(view, offers, answers))
            yield replace(pair, prompt=messages, chosen=texts[0], rejected=texts[1])


def _read(messages: Sequence[Message], without: tuple[str, ...]) -> View:
    return replace(read_dialogue(messages), without=without)


def _short(turn: Turn, advice: Advice, text: str) -> str:
    """What nobody could read stays as it was said."""
    return text if turn.action is None or not turn.differential else shorten_turn(turn, advice)
