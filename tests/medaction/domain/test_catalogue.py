"""The catalogue is sound, and a broken one says where."""

from collections import defaultdict

import pytest

from medaction.domain.catalogue import CatalogueError, load_catalogue, read_catalogue
from medaction.domain.naming import catalogue_key
from medaction.domain.vocabulary import normalise

ENTRY = "- {key: cbc, name: Complete blood count, aliases: [CBC]"


def test_every_name_means_one_test():
    meanings = defaultdict(set)
    for entry in load_catalogue().values():
        for name in entry.names:
            meanings[normalise(name)].add(entry.key)
    assert {name: keys for name, keys in meanings.items() if len(keys) > 1} == {}


def test_every_name_finds_its_entry():
    assert all(catalogue_key(name) == entry.key for entry in load_catalogue().values() for name in entry.names)


def test_every_figure_has_a_source():
    for entry in load_catalogue().values():
        assert entry.cost is None or entry.cost_source
        assert entry.turnaround_minutes is None or entry.turnaround_source
        assert entry.risk is None or entry.risk_source


@pytest.mark.parametrize("name", ["CBC", "full blood count", "Complete Blood Count", "FBC"])
def test_the_names_of_one_test_are_one(name):
    assert catalogue_key(name) == catalogue_key("complete blood count") is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("key: cbc", "must be a list"),
        ("- [", "not YAML"),
        ("- cbc", "entry 1"),
        (f"{ENTRY}, category: lab, price: 5}}", "entry 1: price is not a known field"),
        (f"{ENTRY}, category: labs}}", "entry 1: category must be one of"),
        (f"{ENTRY}, cost: five}}", "entry 1: cost must be a number"),
        (f"{ENTRY}}}\n{ENTRY}}}", "the key cbc is used twice"),
        (f"{ENTRY}, components: [na]}}", "cbc: its component na is not in the catalogue"),
        ("- {key: cbc}", "entry 1: name is missing"),
    ],
)
def test_a_broken_catalogue_says_where(text, message):
    with pytest.raises(CatalogueError, match=message.replace("[", r"\[")):
        read_catalogue([("bad.yaml", text)])
