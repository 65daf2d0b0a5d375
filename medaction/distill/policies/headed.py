"""A language model that is asked, and answers, in MedR-Bench's headed dialect."""

from medaction.domain.headed import parse_headed, render_headed, repair_headed
from medaction.domain.prompt import Message

from .chat import ChatSettings, Dialect
from .policy import AT_ONCE, View


def render_headed_view(view: View) -> list[Message]:
    history = [(step.reply.text, step.observation) for step in view.steps]
    at_once = bool(view.steps) and view.steps[0].reply.turn.reasoning == AT_ONCE
    return render_headed(view.first, history, must_diagnose=view.must_diagnose, at_once=at_once)


HEADED = Dialect(render_headed_view, parse_headed, repair_headed)
HEADED_SETTINGS = ChatSettings(max_tokens=2048, constrained=False)
"""Reasoning comes before the conclusion, so there must be room for both."""
