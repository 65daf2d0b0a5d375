"""Generated texts, cases and actions for property tests."""

import json

from hypothesis import strategies as st

from medaction.domain.actions import FinalDiagnosis, Hypothesis, TestOrder, Turn
from medaction.domain.case import Case, Category, Demographics, Diagnosis, MenuItem

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12)
NAMES = WORDS.filter(str.strip).map(str.strip)
CITATIONS = st.lists(st.sampled_from(["o1.1", "o1.2", "r2.1", "r3.2"]), max_size=3, unique=True).map(tuple)
# Whole hundredths that sum to at most 1, so that they are read back unchanged.
HYPOTHESES = st.builds(
    Hypothesis,
    dx=NAMES,
    p=st.one_of(st.none(), st.integers(0, 20).map(lambda hundredths: hundredths / 100)),
    supporting=CITATIONS,
    contradicting=CITATIONS,
)
ACTIONS = st.one_of(
    st.builds(TestOrder, st.lists(NAMES, min_size=1, max_size=3).map(tuple)),
    st.builds(FinalDiagnosis, NAMES),
)
TURNS = st.builds(
    Turn,
    reasoning=NAMES,
    differential=st.lists(HYPOTHESES, min_size=1, max_size=5).map(tuple),
    action=ACTIONS,
)
_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["reasoning", "differential", "action", "tests", "dx", "p", "for", "type", "x", "name", "id"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)
PIECES = st.sampled_from(
    [
        *"\\\"'{}[],:<\n é😀",
        *(
            '{"',
            "\\u12",
            "\\ud83d",
            "\\ude00",
            "```json",
            "<think>",
            "</think>",
            "thi",
            "prose ",
            "'t",
            "\x00",
            "\ud83d",
        ),
        *('"reasoning"', "reasoning", '"differential":', '"dx"', '"p": 0.4', '"action"', '"tests":', '"type"'),
        *('"order"', '"diagnose"', "null", "12%"),
    ]
)
MODEL_TEXTS = st.one_of(
    st.text(max_size=80),
    st.lists(PIECES, max_size=40).map("".join),
    _JSON.map(json.dumps),
    _JSON.map(lambda value: json.dumps(value, indent=1, ensure_ascii=False)),
)


@st.composite
def mutated(draw, texts):
    """A text with some pieces put in, taken out or cut off."""
    text = draw(texts)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        match draw(st.sampled_from(["insert", "delete", "truncate"])):
            case "insert":
                text = text[:at] + draw(PIECES) + text[at:]
            case "delete":
                text = text[:at] + text[at + draw(st.integers(1, 5)) :]
            case "truncate":
                text = text[:at]
    return text


@st.composite
def chunked(draw, texts):
    """A text and one way of cutting it up."""
    text = draw(texts)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=12)))
    return text, [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


ORDERABLE = [
    "Complete blood count",
    "Sodium",
    "Potassium",
    "MRI brain",
    "CT chest",
    "ESR",
    "Urine culture",
    "Zorbital index",
]


@st.composite
def cases(draw):
    """A case whose result texts cannot occur anywhere else."""
    names = draw(st.lists(st.sampled_from(ORDERABLE), min_size=1, max_size=6, unique=True))
    menu = tuple(
        MenuItem(
            key=f"item_{number}",
            name=name,
            category=draw(st.sampled_from(Category)),
            result=f"HIDDEN<{number}|{draw(st.integers(10**9, 10**10))}>",
            cost=draw(st.one_of(st.none(), st.integers(0, 900).map(float))),
        )
        for number, name in enumerate(names)
    )
    return Case(
        id="generated",
        title="Generated",
        source="test",
        licence="none",
        group_key="generated",
        demographics=Demographics(),
        o1=draw(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1).filter(str.strip)),
        menu=menu,
        diagnosis=Diagnosis("Truth"),
    )


ORDERS = st.one_of(
    st.sampled_from(
        [*ORDERABLE, "CBC and ESR", "BMP", "head MRI", "blood culture", "CT chest, abdomen and pelvis", "", "labs"]
    ),
    st.text(max_size=30),
)
STEPS = st.lists(
    st.one_of(
        st.none(),
        st.builds(TestOrder, st.lists(ORDERS, max_size=4).map(tuple)),
        st.builds(FinalDiagnosis, NAMES),
    ),
    max_size=8,
)
