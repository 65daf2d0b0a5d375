"""What may be taught."""

import pytest

from medaction.domain.parser import parse_turn
from medaction.formats.training.shapes import RowFaultError, check_teachable

ORDER = '{"reasoning":"r","differential":[{"dx":"Flu","p":0.5}],"action":{"type":"order","tests":["CBC"]}}'
GOOD = [
    ORDER,
    ORDER.replace('"type":"order","tests":["CBC"]', '"type":"diagnose","dx":"Flu"'),
    f"Here is my answer:\n{ORDER}\nThat is all.",
]
BAD = [
    "",
    "no turn at all",
    '{"action":null}',
    ORDER.replace('["CBC"]', "[]"),
    ORDER.replace('["CBC"]', '[" "]'),
    ORDER.replace('"type":"order","tests":["CBC"]', '"type":"diagnose","dx":""'),
    '["action"]',
]


@pytest.mark.parametrize("text", GOOD)
def test_what_can_be_carried_out_may_be_taught(text):
    check_teachable(text, where="it")
    assert parse_turn(text).valid


@pytest.mark.parametrize("text", BAD)
def test_what_cannot_be_carried_out_may_not(text):
    assert not parse_turn(text).valid
    with pytest.raises(RowFaultError, match="no valid turn"):
        check_teachable(text, where="it")
