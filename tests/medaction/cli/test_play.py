"""``medaction play`` as a person and a script use it."""

import json
from pathlib import Path

from tests.medaction.cli.conftest import Invoke


def test_the_dialogue_ends_with_the_truth(invoke: Invoke, case_file: Path) -> None:
    told = invoke("play", str(case_file)).stdout
    assert told.index("Truth:") < told.index("DTC ") < told.index("Nearest to the truth:")
    assert "A 61-year-old woman has sudden dyspnea" in told
    assert "Physical examination" in told
    assert "Given: Pulmonary embolism" in told
    assert "Truth: Pulmonary embolism (same)" in told


def test_one_json_document(invoke: Invoke, case_file: Path) -> None:
    document = json.loads(invoke("play", f"{case_file}#small-1", "--json", "--horizon", "2").stdout)
    assert (document["case"], document["verdict"]) == ("small-1", "same")
    assert 1 <= len(document["turns"]) <= 2
    assert document["orders"] >= document["unavailable"]


def test_a_teaching_case_by_its_id_and_a_script(invoke: Invoke) -> None:
    assert "Truth:" in invoke("play", "teach-cardio-01", "--policy", "scripted:walk").stdout


def test_what_is_not_there_is_said(invoke: Invoke, case_file: Path) -> None:
    assert "there is no case 'nowhere'" in invoke("play", "nowhere", code=1).output
    assert "there is no case" in invoke("play", f"{case_file}#other", code=1).output
    assert "no policy" in invoke("play", str(case_file), "--policy", "oracle", code=2).output
