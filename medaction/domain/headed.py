"""The headed dialect of MedR-Bench: a turn as text under three headings, read totally and asked for in our own words.

    ### Chain of Thought:                  the reasoning
    ### Additional Information Required:   what is asked for, or "Not required."
    ### Conclusion:                        the diagnosis, or what is considered so far

After Qiu et al., Quantifying the Reasoning Abilities of LLMs on Clinical Cases, Nature Communications 2025
(arXiv 2503.04691; github.com/MAGIC-AI4Med/MedRBench). Differs from it: what is asked for is answered by the case
itself, word for word, and not by a language model; an unreadable answer is asked for once more instead of ending the
case; while information is still asked for, the conclusion lists the diagnoses considered.
"""

import re
from collections.abc import Iterable, Sequence

from medaction.domain import actions
from medaction.domain.actions import MAX_HYPOTHESES, Action, FinalDiagnosis, Hypothesis, TestOrder, Turn
from medaction.domain.canonical import content_hash
from medaction.domain.observation import Observation, Outcome
from medaction.domain.prompt import Message

THOUGHT, NEEDED, CONCLUSION = "Chain of Thought", "Additional Information Required", "Conclusion"
MISS = "There is no relevant ancillary test information for this request."
MOST_REQUESTS = 20
"""Requests of a turn that are carried out; the published protocol knows no limit."""
LONGEST_NAME = 160

FORM = f"""### {THOUGHT}:
<step 1> …
<step 2> …

### {NEEDED}:
Not required.
(or a numbered list, one test or question a line)

### {CONCLUSION}:
The diagnosis alone. While you still need information: the diagnoses you consider, one a line, likeliest first."""
SYSTEM = "You are a physician who works out a diagnosis from a published case report."
OPENING = f"""Below is the first part of a case report. Think it through. If it does not suffice for a diagnosis,
name the tests and facts that you need; ask for what would change your mind, not for everything. If it suffices, give
the diagnosis.

{{case}}

Answer always under these three headings and no others:

{FORM}"""
ALL_TOLD = f"""Below is a case report with its ancillary tests. Think it through and give the diagnosis; nothing more
can be asked for.

{{case}}

Answer always under these three headings and no others:

{FORM}"""
FOLLOWING = "What you asked for:\n\n{told}\n\nGo on under the same three headings."
NOTHING_ASKED = "Nothing was asked for that could be read."
LAST = "Nothing more can be asked for: give the final diagnosis under the heading Conclusion."
REPAIR = f"Your last answer could not be read. Answer again under these headings:\n\n{FORM}"

_NAMES = {
    "chain of thought": THOUGHT,
    "reasoning": THOUGHT,
    "additional information required": NEEDED,
    "additional information": NEEDED,
    "conclusion": CONCLUSION,
    "answer": CONCLUSION,
    "final diagnosis": CONCLUSION,
}
_HEADING = re.compile(
    rf"^[ \t]*(?:#{{1,6}}[ \t]*\**|\*\*)[ \t]*({'|'.join(_NAMES)})[ \t]*\**[ \t]*:?[ \t]*\**[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
_BULLET = re.compile(r"^[ \t]*(?:[-*•]+|\(?\d+[.)])[ \t]+")
_LABEL = re.compile(
    r"^(?:the )?(?:(?:final|most likely|definitive|preliminary|working|probable|leading|likely) )*"
    r"(?:diagnos[ie]s|conclusion)(?: (?:is|are))?[ \t]*:?[ \t]+",
    re.IGNORECASE,
)
_CLASS = re.compile(
    r"\b(?:tests?|studies|study|investigations?|labs?|laboratory|imaging|radiology|pathology|histology|microbiology|serology"
    r"|genetics?|history|examinations?|procedures?|work-?up|other|others|biochemistry|haematology|hematology|data)$",
    re.IGNORECASE,
)
_PURPOSE = re.compile(
    r"[ \t,]+(?:(?:in order )?to (?:exclude|rule out|assess|evaluate|look|check|confirm|determine|identify|detect|see"
    r"|find)|for (?:evidence|signs|possible|evaluation|assessment)|if not)\b.*$",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?:(?<=[a-z]{4})|(?<=\)))[.;](?:\s|$)")
"""Not the dot of "St. Louis" or "E. coli"."""
_BRACKETS = re.compile(r"\([^()]*\)")
_NOT_REQUIRED = re.compile(r"^\W*(?:not required|none(?: required)?|no (?:additional|further)\b.*)\W*$", re.IGNORECASE)


def split_sections(text: str) -> dict[str, str]:
    """Heading → what stands below it; of a heading that comes twice the first counts. Code fences are left away."""
    text = text.rpartition("</think>")[2].replace("```", "")
    found = list(_HEADING.finditer(text))
    sections: dict[str, str] = {}
    for place, heading in enumerate(found):
        end = found[place + 1].start() if place + 1 < len(found) else len(text)
        sections.setdefault(_NAMES[heading[1].lower()], text[heading.end() : end].strip())
    return sections


def parse_headed(text: str, *, must_diagnose: bool = False) -> Turn:
    """The turn in a whole text; never raises. On the last turn the conclusion counts, whatever is still asked for."""
    sections = split_sections(text)
    names = read_names(sections.get(CONCLUSION, ""))
    needed = sections.get(NEEDED)
    orders = () if needed is None or _NOT_REQUIRED.match(needed.split("\n")[0]) else read_requests(needed)
    action: Action | None = None
    problems: list[str] = []
    if not must_diagnose and orders:
        action = TestOrder(orders)
    elif names and (must_diagnose or needed):
        action = FinalDiagnosis(names[0])
    else:
        problems.append(actions.NO_ACTION)
    if not names:
        problems.append(actions.NO_DIFFERENTIAL)
    differential = tuple(map(Hypothesis, names[:MAX_HYPOTHESES]))
    return Turn(sections.get(THOUGHT, "" if sections else text.strip()), differential, action, tuple(problems))


def read_names(conclusion: str) -> tuple[str, ...]:
    """The diagnoses of a conclusion: one a line; each without number, label and what follows its first sentence."""
    names = (_name(line) for line in conclusion.splitlines())
    return tuple(dict.fromkeys(name for name in names if name))


def _name(line: str) -> str:
    plain = _BULLET.sub("", line).replace("**", "").strip(" \t#_*`")
    plain = _LABEL.sub("", plain)
    plain = _SENTENCE_END.split(plain, maxsplit=1)[0]
    return plain[:LONGEST_NAME].strip(" \t.:;,")


def read_requests(needed: str) -> tuple[str, ...]:
    """The tests and questions of a request, one each, at most ``MOST_REQUESTS``; what they are for is left away."""
    found: dict[str, None] = {}
    for line in needed.splitlines():
        plain = _BULLET.sub("", line).replace("**", "").strip()
        head, colon, details = plain.partition(":")
        listed = details if colon and details.strip() and _CLASS.search(head.strip()) else head
        bare = _PURPOSE.sub("", _BRACKETS.sub("", listed))
        for part in re.split(r"[;,]\s+|\.\s+|\s+and\s+(?=[A-Z])", bare):
            name = _PURPOSE.sub("", part).strip(" \t.,;-")
            if name:
                found[name[:LONGEST_NAME]] = None
    return tuple(found)[:MOST_REQUESTS]


def render_headed(
    observation: Observation, history: Sequence[tuple[str, Observation]], *, must_diagnose: bool, at_once: bool = False
) -> list[Message]:
    """Messages in this dialect; append-only, as in :mod:`.prompt`. ``at_once``: everything stands in one message."""
    story = "".join(segment.text for segment in observation.segments).strip()
    messages: list[Message] = [{"role": "system", "content": SYSTEM}]
    if at_once:
        tests = "\n".join(_told(following) for _, following in history)
        messages.append({"role": "user", "content": ALL_TOLD.format(case=f"{story}\n\nAncillary tests:\n{tests}")})
        return messages
    messages.append({"role": "user", "content": OPENING.format(case=story)})
    for answer, following in history:
        messages.append({"role": "assistant", "content": answer})
        messages.append({"role": "user", "content": FOLLOWING.format(told=_told(following))})
    if must_diagnose:
        messages[-1]["content"] += f"\n{LAST}"
    return messages


def _told(observation: Observation) -> str:
    lines = [
        f"- {result.order}: {MISS}" if result.outcome is Outcome.UNAVAILABLE else f"- {result.name}: {result.text}"
        for result in observation.results
    ]
    lines += [f"- {order}: not answered, too much was asked for at once." for order in observation.dropped]
    return "\n".join(lines) or NOTHING_ASKED


def repair_headed(problems: Iterable[str]) -> Message:
    """The one request to answer again."""
    return {"role": "user", "content": REPAIR}


def headed_hash() -> str:
    """Identifies the wording: answers of one hash were asked for in the same words."""
    return content_hash([SYSTEM, OPENING, ALL_TOLD, FOLLOWING, NOTHING_ASKED, LAST, REPAIR, MISS, MOST_REQUESTS])
