"""Messages for a model. Append-only: the messages of a later turn begin with the exact bytes of the earlier ones.

So a server's prefix cache keeps what it has read. Nothing that changes from turn to turn (a clock, a count of what is
left) stands before the end of the newest message.
"""

from collections.abc import Iterable, Sequence
from typing import TypedDict

from medaction.domain import actions
from medaction.domain.actions import MAX_TESTS, Hypothesis, TestOrder, Turn
from medaction.domain.canonical import content_hash
from medaction.domain.observation import Observation, Outcome, TestResult
from medaction.domain.transcript import render_turn, turn_schema


class Message(TypedDict):
    role: str
    content: str


SYSTEM = f"""You are a clinician working up one education case, published or synthetic, turn by turn.
Each turn: reason in one or two sentences, rank 2 to 5 diagnoses, then order up to {MAX_TESTS} tests or diagnose.
You only know what is shown. Never assume a result. UNAVAILABLE means the case does not say.
Answer with one JSON object, as in the first answer, which belongs to another case. One test per string.
"for" and "against" cite the ids in brackets. To end: "action":{{"type":"diagnose","dx":"..."}}"""

# A worked turn of another case. Measured on the 135M demo model: without it the answers are no words at all; it copies
# the example's orders, so these are tests that tell something in any case.
EXAMPLE: tuple[Message, Message] = (
    {
        "role": "user",
        "content": "[o1.1] A woman of 24 has had burning on passing urine for two days.\n[o1.2] No fever.\nTurn 1.",
    },
    {
        "role": "assistant",
        "content": render_turn(
            Turn(
                reasoning="Burning urine in a young woman suggests a bladder infection; without fever the kidney is "
                "less likely. I will examine her and look for signs of infection.",
                differential=(
                    Hypothesis("Acute cystitis", 0.6, ("o1.1",), ()),
                    Hypothesis("Pyelonephritis", 0.2, ("o1.1",), ("o1.2",)),
                ),
                action=TestOrder(("Physical examination", "Vital signs", "Complete blood count")),
            )
        ),
    },
)

NOTHING_DONE = "No test was carried out: the last answer held no order that could be read."
LAST_TURN = "This is your last turn: give the final diagnosis."
REPAIR_BEGINS = "Your last answer could not be used"

_REPAIRS = {
    actions.NOT_JSON: "it held no JSON object",
    actions.NO_ACTION: "its action held neither tests nor a diagnosis",
    actions.DIAGNOSIS_REQUIRED: "this turn needs a final diagnosis",
    actions.UNTERMINATED: "it broke off before its end",
}


def render_messages(
    observation: Observation,
    history: Sequence[tuple[str, Observation]],
    *,
    must_diagnose: bool,
    menu: Iterable[str] | None = None,
) -> list[Message]:
    """System message and ``EXAMPLE``, then user and assistant in turn, ending with the newest observation.

    ``history`` holds, for each earlier turn, the model's text exactly as it was sent and the observation it led to.
    ``menu`` lists the names that may be ordered, when the setting shows them; it must not change within a dialogue.
    """
    messages: list[Message] = [
        {"role": "system", "content": SYSTEM},
        *(message.copy() for message in EXAMPLE),
        {"role": "user", "content": render_observation(observation, menu=menu)},
    ]
    for answer, following in history:
        messages.append({"role": "assistant", "content": answer})
        messages.append({"role": "user", "content": render_observation(following)})
    if must_diagnose:
        messages[-1]["content"] += f"\n{LAST_TURN}"
    return messages


def list_dialogue(messages: Sequence[Message]) -> list[Message]:
    """The messages of the case itself: without the system message and the example."""
    said = [message for message in messages if message["role"] != "system"]
    return said[len(EXAMPLE) :] if said[: len(EXAMPLE)] == list(EXAMPLE) else said


def render_observation(observation: Observation, *, menu: Iterable[str] | None = None) -> str:
    """One observation as text: every piece with its id, then which of the model's turns comes next."""
    lines = [f"[{segment.id}] {segment.text.strip()}" for segment in observation.segments]
    lines += [_result(result) for result in observation.results]
    if not lines:
        lines = [NOTHING_DONE]
    if observation.dropped:
        lines.append(f"Not done, over the limit of a turn: {'; '.join(observation.dropped)}.")
    if menu is not None:
        lines.append(f"Tests that can be ordered: {'; '.join(menu)}.")
    lines.append(f"Turn {observation.turn}.")
    return "\n".join(lines)


def _result(result: TestResult) -> str:
    if result.outcome is Outcome.UNAVAILABLE:
        return f"[{result.id}] {result.order}: UNAVAILABLE"
    return f"[{result.id}] {result.name}: {result.outcome.value}\n{result.text}"


def repair_message(problems: Iterable[str]) -> Message:
    """The one request to answer again, saying what was wrong."""
    reasons = [_REPAIRS[problem] for problem in problems if problem in _REPAIRS]
    reason = f" ({'; '.join(reasons)})" if reasons else ""
    return {
        "role": "user",
        "content": f"{REPAIR_BEGINS}{reason}. Answer again with one JSON object in the form given.",
    }


def prompt_hash() -> str:
    """Identifies the wording and the schema: two answers with one hash were asked for in the same words."""
    wording = [
        SYSTEM,
        *(message["content"] for message in EXAMPLE),
        NOTHING_DONE,
        LAST_TURN,
        repair_message(_REPAIRS)["content"],
    ]
    return content_hash([wording, turn_schema(must_diagnose=False), turn_schema(must_diagnose=True)])
