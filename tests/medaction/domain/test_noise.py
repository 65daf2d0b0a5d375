"""Noise that can be repeated, and slips that the matcher undoes without ever taking one test for another."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaction.domain.actions import FinalDiagnosis, TestOrder
from medaction.domain.case import MenuItem
from medaction.domain.catalogue import load_catalogue
from medaction.domain.matching import CORRECTED_SCORE, OrderMatcher
from medaction.domain.naming import catalogue_key
from medaction.domain.noise import (
    Answer,
    NoiseSettings,
    add_noise,
    measure_noise,
    misspell,
    noisy_order,
    paraphrase,
)
from medaction.domain.observation import MatchMethod
from medaction.domain.spelling import Spelling
from tests.medaction.domain.test_matching import MENU

ALWAYS = NoiseSettings(seed=1, typos=1, paraphrases=1)
CATALOGUE = [MenuItem(entry.key, entry.name, result="as written") for entry in load_catalogue().values()]


def test_the_same_seed_gives_the_same_noise():
    orders = [item.name for item in CATALOGUE[:60]]
    once = [noisy_order(order, ALWAYS) for order in orders]
    assert once == [noisy_order(order, ALWAYS) for order in orders]
    assert once != [noisy_order(order, NoiseSettings(seed=2, typos=1, paraphrases=1)) for order in orders]
    # Fixed across processes and Python versions: a run that is repeated elsewhere meets the same orders.
    assert noisy_order("Acetylcholine receptor antibodies", NoiseSettings(seed=3, typos=1)) == misspelt()


def misspelt() -> str:
    chance = random.Random("3\x00Acetylcholine receptor antibodies")
    chance.random()
    chance.random()
    return misspell("Acetylcholine receptor antibodies", chance)


@given(st.text(max_size=60))
def test_no_noise_changes_nothing_and_any_text_can_have_some(order):
    assert noisy_order(order, NoiseSettings()) == order
    assert isinstance(noisy_order(order, ALWAYS), str)


def test_only_orders_get_noise():
    assert add_noise(None, ALWAYS) is None
    assert add_noise(FinalDiagnosis("Gout"), ALWAYS) == FinalDiagnosis("Gout")
    noisy = add_noise(TestOrder(("Electrocardiogram",)), ALWAYS)
    assert isinstance(noisy, TestOrder)
    assert noisy.tests != ("Electrocardiogram",)


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_shares_are_shares(share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        NoiseSettings(typos=share)


def test_a_paraphrase_means_the_same_test():
    for entry in load_catalogue().values():
        if catalogue_key(entry.name) == entry.key:
            words = paraphrase(entry.name, random.Random(entry.key))
            matches = OrderMatcher([MenuItem(entry.key, entry.name, result="x")]).resolve(words)
            assert {match.key for _, match in matches} == {entry.key}, words


def test_abbreviations_are_never_misspelt():
    assert misspell("CT TSH K+", random.Random(1)) == "CT TSH K+"


def test_slips_are_undone_and_the_match_says_so():
    match = MENU.match("urinalisys culture")
    assert match.key is None
    match = MENU.match("electrocadiogram")
    assert (match.key, match.method, match.score) == ("electrocardiogram", MatchMethod.TOKENS, CORRECTED_SCORE)
    assert MENU.match("plese order electrocardiogram").key == "electrocardiogram"


@pytest.mark.parametrize(
    ("written", "corrected"),
    [
        ("ferrtiin", "ferritin"),
        ("ferritn", "ferritin"),
        ("ferrritin", "ferritin"),
        ("ferrutin", "ferritin"),
        ("ferritin", ""),
        ("werritin", ""),
        ("fertn", ""),
        ("zorbitl", "zorbital"),
        ("tsg", ""),
        ("inulin clearance", ""),
        ("CT abfomen, pelvsi", "CT abdomen, pelvis"),
    ],
)
def test_spelling(written, corrected):
    assert Spelling(["zorbital"]).correct(written) == corrected


def test_a_word_that_could_be_two_is_left_alone():
    spelling = Spelling(["zorbital", "zorbitan"])
    assert spelling.correct("zorbitax") == ""
    assert spelling.correct("zorbitan") == ""


def test_noise_over_the_whole_catalogue_as_one_menu():
    plain = measure_noise([CATALOGUE], NoiseSettings())
    assert (plain.share(Answer.RIGHT), plain.orders) == (1.0, len(CATALOGUE))
    worded = measure_noise([CATALOGUE], NoiseSettings(seed=1, paraphrases=1))
    assert worded.share(Answer.WRONG) <= 0.005, worded.wrong
    assert worded.share(Answer.MISSED) <= 0.05
    typed = measure_noise([CATALOGUE], NoiseSettings(seed=1, typos=1))
    assert typed.share(Answer.WRONG) <= 0.005, typed.wrong
    assert typed.share(Answer.MISSED) <= 0.15
