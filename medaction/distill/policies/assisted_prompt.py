"""A short prompt in which the knowledge graph offers candidates and tests, for models too small to know any.

Append-only like :mod:`medaction.domain.prompt`: what is offered after an observation depends on nothing that comes
later. The model writes the usual dialect, shortly, and may choose otherwise than the graph.
"""

from collections.abc import Sequence

from medaction.domain.actions import Action, FinalDiagnosis, Hypothesis, TestOrder, Turn
from medaction.domain.canonical import content_hash
from medaction.domain.observation import Observation, Outcome
from medaction.domain.prompt import LAST_TURN, NOTHING_DONE, Message
from medaction.domain.transcript import render_turn

from .advice import Advice, Candidate, Clue
from .wording import degree

SYSTEM = """You work up one education case, turn by turn.
After each observation a knowledge graph offers candidates (+ speaks for, - against) and tests that separate them. It can be wrong.
Answer with one JSON object: reasoning, differential, action. Cite ids."""  # noqa: E501 - a line of the prompt
CANDIDATES, TESTS = 4, 6
"""How many of each are offered."""
LEAST_HYPOTHESES, HYPOTHESES, CLUES, COUNTER_CLUES = 2, 3, 2, 1
"""How many of each a turn written for training has; no more clues are offered."""
PASSAGE = 160
"""Characters of a passage that are shown; the graph has read it whole."""
DETAILED = 2
"""Candidates that are offered with clues."""
UNCHANGED = "Candidates: as before"


def render_assisted(observations: Sequence[tuple[Observation, Advice]], answers: Sequence[str]) -> list[Message]:
    """One user message for each observation, the model's own answers between them, as they were sent."""
    messages: list[Message] = [{"role": "system", "content": SYSTEM}]
    for place, (observation, advice) in enumerate(observations):
        before = observations[place - 1][1] if place else None
        messages.append({"role": "user", "content": _offer(observation, advice, before)})
        if place < len(answers):
            messages.append({"role": "assistant", "content": answers[place]})
    return messages


def demand_diagnosis(message: Message) -> Message:
    return {"role": message["role"], "content": f"{message['content']}\n{LAST_TURN}"}


def _offer(observation: Observation, advice: Advice, before: Advice | None) -> str:
    lines = [f"[{segment.id}] {_cut(segment.text)}" for segment in observation.segments]
    told = [result for result in observation.results if result.outcome is not Outcome.UNAVAILABLE]
    refused = [result.order for result in observation.results if result.outcome is Outcome.UNAVAILABLE]
    lines += [f"[{result.id}] {result.name}: {_cut(result.text)}" for result in told]
    if refused:
        lines.append(f"UNAVAILABLE: {'; '.join(refused)}")
    if not lines:
        lines.append(NOTHING_DONE)
    if before is not None and advice.candidates == before.candidates:
        lines.append(UNCHANGED)
    else:
        told_of = [_told(one, place < DETAILED) for place, one in enumerate(advice.candidates)]
        lines.append(f"Candidates: {'; '.join(told_of) or 'none'}")
    lines.append(f"Tests: {'; '.join(advice.tests) or 'none'}")
    return "\n".join(lines)


def _told(candidate: Candidate, detailed: bool) -> str:
    text = f"{candidate.name} {candidate.p:.2f}"
    if detailed:
        clues = [f"+ {_clue(clue)}" for clue in candidate.supporting[:CLUES]]
        clues += [f"- {_clue(clue)}" for clue in candidate.contradicting[:COUNTER_CLUES]]
        text += f" ({', '.join(clues)})" if clues else ""
    return text


def _clue(clue: Clue) -> str:
    return f"{clue.name} [{clue.cited}]"


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= PASSAGE else f"{flat[:PASSAGE].rsplit(' ', 1)[0]} …"


def is_offered(turn: Turn, advice: Advice) -> bool:
    """Whether the turn's first hypothesis and another, its diagnosis and all its tests are among what was offered."""
    if sum(advice.candidate(one.dx) is not None for one in turn.differential) < LEAST_HYPOTHESES:
        return False
    named = {turn.differential[0].dx} if turn.differential else {""}
    if isinstance(turn.action, FinalDiagnosis):
        named.add(turn.action.dx)
    tests = turn.action.tests if isinstance(turn.action, TestOrder) else ()
    return named <= {one.name for one in advice.candidates} and set(tests) <= set(advice.tests)


def shorten_turn(turn: Turn, advice: Advice) -> str:
    """The turn as the short form has it: what was offered of its differential, with the clues that were offered.

    Raises ``ValueError`` for a turn without an action.
    """
    kept = [(one, advice.candidate(one.dx)) for one in turn.differential]
    hypotheses = [_hypothesis(said, offered, advice) for said, offered in kept if offered][:HYPOTHESES]
    top = advice.candidate(turn.differential[0].dx) if turn.differential else None
    reasoning = _reason(top, turn.differential[0].p, turn.action) if top else turn.reasoning
    return render_turn(Turn(reasoning, tuple(hypotheses) or turn.differential[:HYPOTHESES], turn.action))


def _hypothesis(said: Hypothesis, offered: Candidate, advice: Advice) -> Hypothesis:
    detailed = offered in advice.candidates[:DETAILED]
    supporting = dict.fromkeys(clue.cited for clue in offered.supporting[: CLUES if detailed else 0])
    contradicting = dict.fromkeys(clue.cited for clue in offered.contradicting[: COUNTER_CLUES if detailed else 0])
    p = None if said.p is None else min(max(round(said.p, 2), 0.01), 0.99)
    return Hypothesis(said.dx, p, tuple(supporting), tuple(contradicting))


def _reason(top: Candidate, p: float | None, action: Action | None) -> str:
    clues = ", ".join(_clue(clue) for clue in top.supporting[:CLUES])
    text = f"{top.name} {degree(p or 0.0)}{f': {clues}' if clues else ''}."
    if top.contradicting:
        against = _clue(top.contradicting[0])
        text += f" {against[:1].upper()}{against[1:]} argues against it."
    if isinstance(action, TestOrder):
        return f"{text} {action.tests[0]} next."
    return f"{text} I settle on it."


def assisted_prompt_hash() -> str:
    """Identifies the wording and the amounts of what is offered."""
    numbers = [CANDIDATES, TESTS, HYPOTHESES, CLUES, COUNTER_CLUES, PASSAGE, DETAILED]
    return content_hash([SYSTEM, "Candidates: / Tests: / UNAVAILABLE:", UNCHANGED, NOTHING_DONE, LAST_TURN, numbers])
