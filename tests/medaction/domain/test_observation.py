"""Citable segments are the text itself, cut into sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaction.domain.actions import TestOrder
from medaction.domain.environment import Environment
from medaction.domain.observation import Observation, split_segments
from tests.medaction.domain.strategies import cases


@given(st.text(st.characters(codec="utf-8"), max_size=200) | st.text('aA1 .!?\n"(', max_size=80))
def test_segments_joined_are_the_text(text):
    segments = split_segments(text)
    assert "".join(segment.text for segment in segments) == text
    assert [segment.id for segment in segments] == [f"o1.{number}" for number in range(1, len(segments) + 1)]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("He is tired. She is not.", ["He is tired. ", "She is not."]),
        ("Temp. is 38.2 C. Pulse 90.", ["Temp. is 38.2 C. Pulse 90."]),
        ("Seen by Dr. Jones. He left.", ["Seen by Dr. Jones. ", "He left."]),
        ("No fever, e.g. at night. Better now!", ["No fever, e.g. at night. ", "Better now!"]),
        ("First line\n\nSecond line", ["First line\n\n", "Second line"]),
        ('"I fell." She cried.', ['"I fell." ', "She cried."]),
        ("C. difficile was found.", ["C. difficile was found."]),
        ("", []),
    ],
)
def test_sentences(text, pieces):
    assert [segment.text for segment in split_segments(text)] == pieces


@given(cases())
def test_observations_survive_storage(case):
    env = Environment(case)
    for observation in (env.reset(), env.step(TestOrder(("CBC and BMP", "MRI brain", "nonsense"))).observation):
        assert Observation.from_dict(observation.to_dict()) == observation


def test_all_ids_of_an_observation_can_be_cited():
    assert Observation("o1", segments=split_segments("One. Two.")).citable_ids == ("o1.1", "o1.2")
