"""The optional table of laboratory results and the terms that they mean."""

import pytest

from medaction.domain.case import Finding, Polarity
from medaction.formats.loinc2hpo import Outcome, read_lab_terms
from tests.medaction.shared_data import shared_file

HEADER = "loincId\tloincScale\toutcome\thpoTermId\n"


def read(tmp_path, text):
    path = tmp_path / "annotations.tsv"
    path.write_text(text)
    return read_lab_terms(path)


def test_a_result_and_what_it_means(tmp_path):
    table = read(tmp_path, HEADER + "2276-4\tQn\tH\tHP:0003281\n2276-4\tQn\tN\tHP:0040134\n1\tNom\tSNOMEDCT:1\tHP:1\n")
    assert table.find("LOINC:2276-4", Outcome.HIGH) == Finding("HP:0003281", Polarity.PRESENT)
    assert table.find("2276-4", Outcome.NORMAL) == Finding("HP:0040134", Polarity.ABSENT)
    assert table.find("2276-4", Outcome.LOW) is None
    assert not table.errors


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "line 1: the file is empty"),
        ("loincId\toutcome\n", "line 1: hpoTermId is missing from the header"),
        (HEADER + "\tQn\tH\tHP:1\n", "line 2: loincId is blank"),
        (HEADER + "1\tQn\tX\tHP:1\n", "line 2: outcome must be one of L, N, H, NEG, POS; it is 'X'"),
        (HEADER + "1\tQn\tH\n", "line 2: hpoTermId must be an HPO id; it is ''"),
        (HEADER + "1\tQn\tH\tHP:1\n1\tQn\tH\tHP:2\n", "line 3: hpoTermId differs from an earlier row for 1 H"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, error):
    assert [str(found) for found in read(tmp_path, text).errors] == [error]


def test_the_shared_table():
    table = read_lab_terms(shared_file("loinc2hpo/loinc2hpo-annotations.tsv"))
    assert (len(table.terms), table.errors) == (7401, ())
