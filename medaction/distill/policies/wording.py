"""The policy's reasoning, in clinical sentences that cite observation ids."""

from collections.abc import Sequence

from medaction.domain.transcript import CITATIONS, DX_LENGTH, REASONING_LENGTH
from medaction.knowledge import KnowledgeGraph

from .beliefs import Belief
from .evidence import Fact
from .selection import Choice

_SURE = ((0.85, "is very likely"), (0.6, "is likely"), (0.35, "leads"), (0.0, "is only a little ahead"))


def explain_turn(graph: KnowledgeGraph, beliefs: Sequence[Belief], plan: str) -> str:
    """What speaks for the leading diagnosis, what it must be told from, and the plan; within the dialect's length."""
    top = beliefs[0]
    sentences = [f"{_name(top)} {degree(top.p)}{_because(graph, top.supporting)}."]
    if top.contradicting:
        sentences.append(f"{_listed(graph, top.contradicting[:1])} argues against it.")
    if len(beliefs) > 1 and beliefs[1].p >= 0.05:
        sentences.append(f"{_name(beliefs[1])} remains possible{_because(graph, beliefs[1].supporting, count=1)}.")
    sentences.append(plan)
    while len(" ".join(sentences)) > REASONING_LENGTH and len(sentences) > 2:
        sentences.pop(-2)
    return _cut(" ".join(sentences), REASONING_LENGTH)


def plan_of_orders(graph: KnowledgeGraph, choices: Sequence[Choice], names: Sequence[str]) -> str:
    """What is ordered and, for the first chosen test, what it should show."""
    if not choices:
        return f"I will ask for: {'; '.join(names)}."
    first = choices[0]
    return f"{first.name} next, to look for {_lower(graph.at(first.finding).name)}."


def cite(facts: Sequence[Fact]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact.cited for fact in facts))[:CITATIONS]


def diagnosis_name(belief: Belief) -> str:
    return belief.name or _cut(belief.disease.name, DX_LENGTH)


def fact_name(graph: KnowledgeGraph, fact: Fact) -> str:
    return f"{'' if fact.present else 'no '}{_lower(graph.at(fact.number).name)}"


def _name(belief: Belief) -> str:
    name = diagnosis_name(belief)
    return name[:1].upper() + name[1:]


def degree(p: float) -> str:
    return next(words for least, words in _SURE if p >= least)


def _because(graph: KnowledgeGraph, facts: Sequence[Fact], count: int = 3) -> str:
    return f": {_listed(graph, facts[:count])}" if facts else ", by how common it is"


def _listed(graph: KnowledgeGraph, facts: Sequence[Fact]) -> str:
    told = [f"{fact_name(graph, fact)} [{fact.cited}]" for fact in facts]
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"


def _lower(name: str) -> str:
    """Small first letter, unless the word is an abbreviation or a name in capitals."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
