"""MedR-Bench's headed dialect: read whatever comes, asked for in one form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaction.domain import actions
from medaction.domain.actions import FinalDiagnosis, Hypothesis, TestOrder
from medaction.domain.headed import (
    MISS,
    MOST_REQUESTS,
    headed_hash,
    parse_headed,
    read_names,
    read_requests,
    render_headed,
    split_sections,
)
from medaction.domain.observation import Observation, Outcome, TestResult, split_segments

ASKING = """### Chain of Thought:
<step 1> Weight loss and haemoptysis in a smoker.
<step 2> A tumour must be looked for.

### Additional Information Required:
1. Laboratory tests: calcium, sodium; CRP
2. Chest CT (with contrast) to look for a mass
3. Bronchoscopy: biopsy of any lesion

### Conclusion:
1. **Lung cancer** - most likely
2. Tuberculosis
"""
ENDING = """### Chain of Thought:
<step 1> Keratin pearls settle it.

### Additional Information Required:
Not required.

### Conclusion:
Squamous cell carcinoma of the lung.
"""


def test_a_turn_that_asks() -> None:
    turn = parse_headed(ASKING)
    assert turn.action == TestOrder(("calcium", "sodium", "CRP", "Chest CT", "Bronchoscopy"))
    assert turn.reasoning.startswith("<step 1> Weight loss")
    assert [h.dx for h in turn.differential] == ["Lung cancer - most likely", "Tuberculosis"]
    assert turn.valid


def test_a_turn_that_ends() -> None:
    turn = parse_headed(ENDING)
    assert turn.action == FinalDiagnosis("Squamous cell carcinoma of the lung")
    assert turn.differential == (Hypothesis("Squamous cell carcinoma of the lung"),)
    assert (turn.valid, turn.problems) == (True, ())


def test_on_the_last_turn_the_conclusion_counts_whatever_is_asked_for() -> None:
    assert parse_headed(ASKING, must_diagnose=True).action == FinalDiagnosis("Lung cancer - most likely")
    assert parse_headed("### Conclusion:\nGout", must_diagnose=True).action == FinalDiagnosis("Gout")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I think it is gout.",
        "### Conclusion:\nGout",
        "### Chain of Thought:\nGout?",
        "### Additional Information Required:\nNot required.",
        "### Additional Information Required:\n\n### Conclusion:\n",
        '{"action": {"type": "diagnose", "dx": "Gout"}}',
    ],
)
def test_without_its_sections_a_turn_cannot_be_carried_out(text: str) -> None:
    turn = parse_headed(text)
    assert not turn.valid
    assert actions.NO_ACTION in turn.problems


@pytest.mark.parametrize(
    "heading",
    ["### Conclusion:", "## conclusion", "**Conclusion:**", "### **Conclusion**:", "### Answer:", "###Conclusion :"],
)
def test_headings_in_their_forms(heading: str) -> None:
    sections = split_sections(f"```\n### Reasoning:\nSo.\n\n{heading}\nGout\n```")
    assert sections == {"Chain of Thought": "So.", "Conclusion": "Gout"}


def test_what_a_thinking_model_says_to_itself_is_not_read() -> None:
    assert parse_headed(f"<think>### Conclusion:\nPlague</think>\n{ENDING}") == parse_headed(ENDING)


def test_the_first_of_two_sections_counts() -> None:
    assert parse_headed(f"{ENDING}\n### Conclusion:\nPlague").action == parse_headed(ENDING).action


@pytest.mark.parametrize(
    ("needed", "requests"),
    [
        ("- Imaging: chest X-ray, abdominal ultrasound", ("chest X-ray", "abdominal ultrasound")),
        ("Blood cultures and Echocardiography", ("Blood cultures", "Echocardiography")),
        ("1) Lumbar puncture: to exclude meningitis", ("Lumbar puncture",)),
        ("* **Genetic testing** (CFTR, if not done before)", ("Genetic testing",)),
        ("Past medical history: smoking, travel", ("smoking", "travel")),
        ("CBC to assess for anaemia\nCBC", ("CBC",)),
        ("Imaging", ("Imaging",)),
        ("\n\n-  \n", ()),
        ("\n".join(f"{n}. Test {n}" for n in range(99)), tuple(f"Test {n}" for n in range(MOST_REQUESTS))),
    ],
)
def test_requests(needed: str, requests: tuple[str, ...]) -> None:
    assert read_requests(needed) == requests


@pytest.mark.parametrize(
    ("conclusion", "names"),
    [
        ("The most likely diagnosis is acute appendicitis. The CT shows it.", ("acute appendicitis",)),
        ("**Final diagnosis:** Gout", ("Gout",)),
        ("Diagnosis: IgA nephropathy", ("IgA nephropathy",)),
        ("1. Gout\n2. Pseudogout\n\n1. Gout", ("Gout", "Pseudogout")),
        ("St. Louis encephalitis", ("St. Louis encephalitis",)),
        ("", ()),
    ],
)
def test_names(conclusion: str, names: tuple[str, ...]) -> None:
    assert read_names(conclusion)[: len(names) or None] == names


@given(st.text() | st.lists(st.sampled_from([*ASKING.splitlines(), *ENDING.splitlines(), "#", "**"])).map("\n".join))
def test_reading_never_fails(text: str) -> None:
    for last in (False, True):
        turn = parse_headed(text, must_diagnose=last)
        assert turn.valid == (turn.action is not None)
        assert len(turn.differential) <= actions.MAX_HYPOTHESES
        if last and turn.action:
            assert isinstance(turn.action, FinalDiagnosis)


FIRST = Observation("o1", segments=split_segments("A man of 62 coughs.\nHe has clubbing {of} the fingers."))
RESULTS = Observation(
    "r2",
    results=(
        TestResult("r2.1", "calcium", Outcome.RESULT, name="Calcium", text="3.1 mmol/L"),
        TestResult("r2.2", "PSA", Outcome.UNAVAILABLE),
    ),
    dropped=("ANA",),
)


def test_messages_never_change_what_was_said_before() -> None:
    first = render_headed(FIRST, [], must_diagnose=False)
    second = render_headed(FIRST, [(ASKING, RESULTS)], must_diagnose=False)
    last = render_headed(FIRST, [(ASKING, RESULTS)], must_diagnose=True)
    assert second[: len(first)] == first
    assert last[:-1] == second[:-1]
    assert last[-1]["content"].startswith(second[-1]["content"])
    assert "clubbing {of} the fingers" in first[1]["content"]
    assert second[2] == {"role": "assistant", "content": ASKING}


def test_what_the_case_does_not_say_gets_the_protocols_sentence() -> None:
    told = render_headed(FIRST, [(ASKING, RESULTS)], must_diagnose=False)[-1]["content"]
    assert "- Calcium: 3.1 mmol/L" in told
    assert f"- PSA: {MISS}" in told
    assert "no relevant ancillary test information" in MISS
    assert "UNAVAILABLE" not in told
    assert "- ANA: not answered" in told


def test_told_at_once_in_one_message() -> None:
    system, user = render_headed(FIRST, [("an order of everything", RESULTS)], must_diagnose=True, at_once=True)
    assert "3.1 mmol/L" in user["content"]
    assert "an order of everything" not in user["content"]
    assert (system["role"], user["role"]) == ("system", "user")
    assert len(headed_hash()) == 64
