"""The third list of labelled orders: tests inside larger items, and items of a narrower or wider place."""

from pathlib import Path

import pytest
import yaml

from medaction.domain.case import Category, MenuItem
from medaction.domain.matching import OrderMatcher
from medaction.domain.stated import is_blanket_normal, list_stated

NESTED = yaml.safe_load(Path(__file__).with_name("orders_nested.yaml").read_text(encoding="utf-8"))
MENU = OrderMatcher(
    [
        MenuItem(key, name, category=Category(category), result=result)
        for key, (name, category, result) in NESTED["menu"].items()
    ]
)
SAME = [(key, order) for key, orders in NESTED["same"].items() for order in orders]


def answered(order: str) -> set[str | None]:
    return {key for _, match in MENU.resolve(order) for key in match.keys or (None,)}


@pytest.mark.parametrize(("key", "order"), SAME)
def test_orders_that_an_item_answers(key: str, order: str) -> None:
    assert answered(order) == {key}


@pytest.mark.parametrize("order", NESTED["traps"])
def test_orders_that_must_miss(order: str) -> None:
    assert answered(order) == {None}


def test_the_list_is_large_enough() -> None:
    assert len(SAME) >= 60
    assert len(NESTED["traps"]) >= 40


def test_two_narrower_items_are_a_doubt() -> None:
    two = OrderMatcher(
        [
            MenuItem("neck", "Cervical lymph node biopsy", category=Category.PATHOLOGY, result="Reactive."),
            MenuItem("groin", "Inguinal lymph node biopsy", category=Category.PATHOLOGY, result="Lymphoma."),
        ]
    )
    assert two.match("lymph node biopsy").key is None


def test_a_result_that_is_none_states_nothing() -> None:
    item = MenuItem("x", "Blood tests", category=Category.LAB, result="Ferritin: pending\nTSH: not done\nESR: 40 mm/h")
    assert list_stated(item) == {"esr"}
    exam = MenuItem("y", "Vital signs", category=Category.EXAM, result="Blood glucose: 90")
    assert list_stated(exam) == frozenset()


@pytest.mark.parametrize(("text", "normal"), [("Normal.", True), ("Within normal limits", True), ("Normal ALT", False)])
def test_blanket_normals(text: str, normal: bool) -> None:
    assert is_blanket_normal(text) is normal
