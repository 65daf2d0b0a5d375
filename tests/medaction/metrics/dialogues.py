"""Small dialogues over the real graph, written in a few words."""

from collections.abc import Mapping, Sequence

from medaction.domain.actions import FinalDiagnosis, Hypothesis, TestOrder, Turn
from medaction.domain.branch import Branch, BranchStep
from medaction.domain.case import Case, Demographics, Diagnosis, Finding, MenuItem, Polarity
from medaction.domain.observation import Observation, Outcome, TestResult, split_segments

STORY = "A 61-year-old man has had crushing chest pain for two hours. He sweats and has vomited once."
TROPONIN = "Troponin elevated."
ECG = "ST elevation in II, III and aVF."
CLEAR = "Pulmonary arteries opacify normally."

INFARCTION = "Myocardial infarction"
DISSECTION = "Aortic dissection"
EMBOLISM = "Pulmonary embolism"
GOUT = "Gout"

MENU = (
    MenuItem("troponin", "Troponin", result=TROPONIN, cost=40.0),
    MenuItem("ecg", "Electrocardiogram", result=ECG, cost=50.0),
    MenuItem(
        "ct_pulmonary_angiogram",
        "CT pulmonary angiogram",
        result=CLEAR,
        findings=(Finding("pulmonary artery filling defect", Polarity.ABSENT),),
    ),
)


def make_case(truth: str = INFARCTION, story: str = STORY) -> Case:
    return Case(
        id="small",
        title="Chest pain",
        source="test",
        licence="Apache-2.0",
        group_key="small",
        demographics=Demographics(61.0, "male"),
        o1=story,
        menu=MENU,
        diagnosis=Diagnosis(truth),
    )


def think(*listed: tuple[str, float | None], ask: Sequence[str] = (), say: str | None = None) -> Turn:
    """A turn that lists (diagnosis, p), and orders tests or gives a diagnosis; with neither it cannot be read."""
    action = FinalDiagnosis(say) if say else TestOrder(tuple(ask)) if ask else None
    problems = () if action else ("NO_ACTION",)
    return Turn("", tuple(Hypothesis(dx, p) for dx, p in listed), action, problems)


def branch(*steps: tuple[Turn, Mapping[str, str | None]], story: str = STORY) -> Branch:
    """Steps of (turn, results by menu key); None is UNAVAILABLE."""
    taken = []
    for number, (turn, results) in enumerate(steps, start=2):
        answers = tuple(
            TestResult(f"r{number}.{place}", key, Outcome.UNAVAILABLE)
            if text is None
            else TestResult(f"r{number}.{place}", key, Outcome.RESULT, key=key, name=_NAMES.get(key, key), text=text)
            for place, (key, text) in enumerate(results.items(), start=1)
        )
        taken.append(BranchStep(turn, Observation(f"r{number}", results=answers)))
    return Branch(Observation("o1", segments=split_segments(story)), tuple(taken))


_NAMES = {item.key: item.name for item in MENU}

# The worked examples of docs/guides/metrics.md.

FIRST = ((DISSECTION, 0.4), (EMBOLISM, 0.3), (INFARCTION, 0.2))
CONVERGING = branch(
    (think(*FIRST, ask=["Troponin", "Electrocardiogram"]), {"troponin": TROPONIN, "ecg": ECG}),
    (
        think((INFARCTION, 0.8), (DISSECTION, 0.1), (EMBOLISM, 0.05), ask=["CT pulmonary angiogram"]),
        {"ct_pulmonary_angiogram": CLEAR},
    ),
    (think((INFARCTION, 0.9), (DISSECTION, 0.05), say=INFARCTION), {}),
)
RIGID = branch(
    (think(*FIRST, ask=["Troponin", "Electrocardiogram"]), {"troponin": TROPONIN, "ecg": ECG}),
    (think(*FIRST, say=DISSECTION), {}),
)
PLACEBO = branch(
    (think(*FIRST, ask=["Troponin"]), {"troponin": None}),
    (think((INFARCTION, 0.8), (DISSECTION, 0.1), (EMBOLISM, 0.05), say=INFARCTION), {}),
)
DIVERGING = branch(
    (think((INFARCTION, 0.5), (DISSECTION, 0.3), ask=["Troponin"]), {"troponin": TROPONIN}),
    (think((GOUT, 0.8), ask=["Electrocardiogram"]), {"ecg": ECG}),
    (think((GOUT, 0.9), say=GOUT), {}),
)
UNKNOWN = branch(
    (think(("Foo disease", 0.5), ("Bar disease", 0.2), ask=["Troponin"]), {"troponin": TROPONIN}),
    (think(("Baz disease", 0.5), say="Baz disease"), {}),
)
AT_ONCE = branch((think((EMBOLISM, 0.6), (INFARCTION, 0.3), say=EMBOLISM), {}))
