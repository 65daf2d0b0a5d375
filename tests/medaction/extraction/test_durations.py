"""How long it has lasted, and whether a child was born early."""

import pytest

from medaction.knowledge.extraction import read_birth, read_durations
from medaction.knowledge.spans import read_span


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("She has had a cough for 3 weeks.", (21,)),
        ("A 2-day history of fever.", (2,)),
        ("The pain began two hours ago.", (0.0833,)),
        ("Over the past month he has been short of breath.", (30.4,)),
        ("He has been sad for 4 months; the voices began 7 months ago.", (121.6, 212.8)),
        ("Symptoms started yesterday.", (1,)),
        ("She was diagnosed with asthma 10 years ago.", ()),
        ("He has smoked for 30 years.", ()),
        ("Past medical history: back pain for 5 years.", ()),
        ("She had an appendectomy 2 years ago.", ()),
        ("The attacks come every 3 days.", ()),
        ("He feels unwell.", ()),
        ("", ()),
    ],
)
def test_durations(text: str, days: tuple[float, ...]) -> None:
    assert read_durations(text) == days


@pytest.mark.parametrize(
    ("text", "early"),
    [
        ("He was born at 32 weeks of gestation.", True),
        ("Newborn, delivered in the 34th gestational week.", True),
        ("Born at term, at 39 weeks.", False),
        ("A 30-year-old at 32 weeks of pregnancy.", None),
        ("Born in March.", None),
    ],
)
def test_week_of_birth(text: str, early: bool | None) -> None:
    assert read_birth(text) is early


def test_spans_of_disease_files() -> None:
    assert read_span("6 weeks") == 42
    assert read_span("1 day") == 1
    with pytest.raises(ValueError, match="6 weeks"):
        read_span("soon")
