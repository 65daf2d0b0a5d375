"""Names to complete: all of them, and no more work than their files' heads."""

from importlib.resources import files

import yaml

from diagnosis.selectors.terms import list_disease_names, list_test_names
from medaction.domain.catalogue import load_catalogue


def test_every_test_of_the_catalogue_is_offered():
    names = list_test_names()
    assert len(names) == len(load_catalogue())
    assert "Complete blood count" in [entry[0] for entry in names]
    assert any("CBC" in entry for entry in names)


def test_the_heads_of_the_disease_files_say_what_the_files_say():
    expected = []
    for system in (files("medaction") / "knowledge" / "data" / "diseases").iterdir():
        for source in system.iterdir():
            if source.name.endswith(".yaml"):
                whole = yaml.load(source.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
                expected.append((whole["name"], *whole.get("aliases", ())))
    assert sorted(list_disease_names()) == sorted(expected)
