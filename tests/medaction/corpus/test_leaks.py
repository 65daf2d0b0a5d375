"""Cases that a benchmark holds too."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from medaction.corpus.leaks import LeakFinder, LeakKind, bands_of, jaccard, word_runs

from .runs import some_cases

FEW = ("ache", "fever", "cough", "blood", "urine", "liver", "lung", "heart", "day", "week", "arm", "leg")
WORDS = st.lists(st.sampled_from(FEW), max_size=60)


def test_the_same_case_the_same_article_and_nearly_the_same_text_are_found():
    one, other, *_ = some_cases(2)
    finder = LeakFinder([one])
    assert finder.find(one).kind is LeakKind.CONTENT
    assert finder.find(replace(other, group_key=one.group_key)).kind is LeakKind.GROUP
    reworded = replace(one, group_key="another article", o1=one.o1.upper() + " It began last week.")
    found = finder.find(reworded)
    assert found.kind is LeakKind.NEAR
    assert 0.8 <= found.likeness < 1
    assert found.benchmark_case == one.id
    assert finder.find(other) is None


def test_different_teaching_cases_are_not_taken_for_each_other():
    cases = some_cases(60)
    for place, case in enumerate(cases):
        others = [other for other in cases if other.group_key != case.group_key]
        assert LeakFinder(others).find(case) is None, cases[place].id
        if place == 9:
            break


@given(WORDS)
def test_a_text_meets_itself_in_every_band(words):
    runs = word_runs(" ".join(words))
    assert bands_of(runs) == bands_of(frozenset(sorted(runs, reverse=True)))
    assert jaccard(runs, runs) == 1.0


def test_likeness_by_hand():
    """Six words make two runs of five; the texts share one of three runs."""
    assert jaccard(word_runs("a b c d e f"), word_runs("a b c d e g")) == 1 / 3
