"""A wrong input names file, line and reason, and no graph is written."""

import pytest

from medaction.knowledge import KnowledgeError
from medaction.knowledge.compiling.assemble import build_graph
from tests.medaction.knowledge.small import HPOA_HEADER, Small, hpoa_row

MALARIA = "data/diseases/infectious/malaria.yaml"
FINDINGS = "data/findings/all.yaml"
CHOLERA = "data/diseases/infectious/cholera.yaml"


def refused(small: Small) -> str:
    target = small.folder / "graph.kg"
    with pytest.raises(KnowledgeError) as caught:
        build_graph(small.places, target)
    assert not target.exists()
    assert not list(small.folder.glob("graph.kg*"))
    return str(caught.value)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (MALARIA, "finding: Jaundice", "finding: Jaundyce", "21: finding 'Jaundyce' is unknown; nearest: 'Jaundice'"),
        (MALARIA, "hpo: HP:0001945", "hpo: HP:0009999", "malaria.yaml:14: HP:0009999 is obsolete; use HP:0001324"),
        (MALARIA, "hpo: HP:0001945", "hpo: HP:0001303", "HP:0001303 is an old id of HP:0001250 (Seizure)"),
        (MALARIA, "hpo: HP:0001945", "hpo: HP:0001324", "'Fever' means HP:0001945"),
        (MALARIA, "hpo: HP:0001945", "hpo: HP:7654321", "HP:7654321 is not in HPO"),
        (MALARIA, "[B50.9]", "[B51.9]", "malaria.yaml:4: B51.9 is not in ICD-10-CM"),
        (MALARIA, "test: blood_smear", "test: blood_film", "catalogue (nearest: blood_smear)"),
        (MALARIA, "p: uncommon}", "p: sometimes}", "malaria.yaml:16: findings[2].p 'sometimes' is not one of"),
        (MALARIA, "  - {finding: Jaundice, p: occasional}\n", "", "findings has 7 entries; at least 8 are needed"),
        (MALARIA, "finding: Shaking chills", "finding: Pyrexia", "'Pyrexia' is the same finding as 'Fever' above"),
        (MALARIA, "specificity: 0.6", "specificity: 0.1", "sensitivity + specificity ≤ 1"),
        (MALARIA, "id: MA:malaria", "id: MA:ague", "does not match the file name malaria.yaml"),
        (MALARIA, "system: infectious", "system: renal", "system renal is not the folder infectious"),
        (MALARIA, "disease: MA:cholera", "disease: MA:colera", "malaria.yaml:27: MA:colera is not authored"),
        (MALARIA, "disease: MA:cholera", "disease: MA:malaria", "names itself as a competitor"),
        (MALARIA, "xrefs: []", "xrefs: [OMIM:404]", "malaria.yaml:5: OMIM:404 is not in phenotype.hpoa"),
        (MALARIA, "jungle fever", "asiatic cholera", "'asiatic cholera' already means MA:cholera"),
        (MALARIA, "xrefs: []", "forms: [jungle fever]", "5: 'jungle fever' cannot be both a name of"),
        (MALARIA, "xrefs: []", "forms: [asiatic cholera]", "'asiatic cholera' already means MA:cholera"),
        (MALARIA, "age: [0, 5]", "age: [5, 5]", "malaria.yaml:10: age 5–5 is not a range"),
        (
            MALARIA,
            "factor: 2}",
            "factor: 2}\n  - {sex: any, age: [4, 9], factor: 3}",
            "malaria.yaml:11: age 4–9 overlaps 0–5 of the same sex",
        ),
        (MALARIA, "  - {test: sodium", "  - {test: vital_signs", "names fewer than 3 different tests"),
        (MALARIA, "name: Falciparum malaria", "name: M M M\nname: again", "malaria.yaml:3: repeats the key 'name'"),
        (FINDINGS, "opposite: MF:high_na", "opposite: MF:nowhere", "MF:nowhere is not an authored finding"),
        (FINDINGS, "tests: [bowel_history]", "tests: [bowel_story]", "bowel_story is not a key"),
        (FINDINGS, "name: Shaking chills", "name: hot", "name 'hot' already means MF:fever"),
        (FINDINGS, "id: MF:rigors", "id: MF:fever", "repeats the id MF:fever"),
        ("data/reach.yaml", "name: Phenotypic abnormality", "name: Phenotype", "reach.yaml:1: HP:0000118 is"),
        ("hp.obo", "id: HP:0001324\n", "id: HP:0001250\n", "hp.obo:37: HP:0001250 is defined twice (first at line 18)"),
        ("hp.obo", "is_a: HP:0001250 ! Seizure", "is_a: HP:0099999 ! Gone", "hp.obo:26: HP:0002069 is_a HP:0099999"),
        ("hp.obo", "name: Fever\n", "\n", "hp.obo:31: HP:0001945 has no name"),
        ("phenotype.hpoa", "2/3", "5/3", "phenotype.hpoa:3: frequency '5/3' cannot be read"),
        ("phenotype.hpoa", "HP:0001250", "HP:0044444", "phenotype.hpoa:6: HP:0044444 is not a current term"),
        ("phenotype.hpoa", "\tHPO:x[2000-01-01]", "", "phenotype.hpoa:3: has 11 columns, not 12"),
        ("genes.txt", "gene_symbol", "symbol", "genes.txt:1: the columns are not"),
        ("genes.txt", "\tOMIM:404", "", "genes.txt:5: has 5 columns, not 6"),
        ("phenotype.hpoa", "database_id", "disease", "phenotype.hpoa:2: the columns are not"),
        ("tabular.xml", "</diag></section>", "</section>", "is not valid XML"),
        ("catalogue/tests.yaml", "key: sodium", "key: blood_smear", "repeats the test blood_smear"),
        ("catalogue/tests.yaml", "[Na], category: lab", "[Na], category: labs", "4: [2].category 'labs' is not"),
        ("catalogue/tests.yaml", "[Na], category: lab", "[Na], category: lab, loinc: [2951-3]", "2951-3: its check"),
        ("catalogue/tests.yaml", "[Na], category: lab", "[Na], category: lab, loinc: [sodium]", "loinc[0] 'sodium'"),
        ("catalogue/tests.yaml", "[Na], category: lab", "[Na], category: lab, unit: mol", "4: 'mol' is not a unit"),
        ("catalogue/tests.yaml", "unit: mmol/L", "unit: mg/hL", "tests.yaml:16: 'mg/hL' is not a unit"),
        ("catalogue/tests.yaml", "low: 3, high: 9", "low: 9, high: 3", "tests.yaml:18: low 9 is not below high 3"),
        ("catalogue/tests.yaml", "low: 3, high: 9, ", "", "tests.yaml:18: a range needs a low or a high"),
        ("catalogue/tests.yaml", "age: [0, 28 d]", "age: [0, 29 d]", "two ranges hold for a female patient of 0.0767"),
        ("catalogue/tests.yaml", "age: [0, 28 d]", "age: [0, new]", "an age is a number of years, or as in '28 d'"),
        ("catalogue/tests.yaml", "source: estimate", "source: a book", "source 'a book' does not match"),
        ("catalogue/tests.yaml", "{mg/mol: 2}", "{mmol/L: 2}", "mmol/L follows from the unit already"),
        ("catalogue/tests.yaml", "{mg/mol: 2}", "{mg/mol: [1, 2, 3]}", "mg/mol: must be a factor, or [factor, offset]"),
        ("catalogue/tests.yaml", "key: rings", "key: sodium", "sodium is also the key of a quantity of blood_smear"),
        ("catalogue/tests.yaml", "components: [sodium]", "components: [salt]", "its component salt is not a test"),
    ],
)  # fmt: skip
def test_one_wrong_value(small, file, old, new, said):
    small.edit(file, old, new)
    assert said in refused(small)


@pytest.mark.parametrize(
    "file", ["hp.obo", "phenotype.hpoa", "genes.txt", "codes.txt", "tabular.xml", MALARIA, FINDINGS, "data/reach.yaml"]
)
def test_empty_or_wrongly_encoded_files(small, file):
    name = file.rpartition("/")[2]
    small.write(file, b"")
    assert f"{name}: is empty" in refused(small)
    small.write(file, b"id: MA:x\nname: caf\xe9\n")
    assert f"{name}:2: is not UTF-8 text" in refused(small)


def test_two_findings_that_exclude_each_other(small):
    small.edit(MALARIA, "finding: Muscle cramp, p: occasional", "finding: Low sodium, p: almost_always")
    small.edit(MALARIA, "finding: Dry mouth, p: occasional", "finding: High sodium, p: very_frequent")
    assert "'Low sodium' and 'High sodium' exclude each other, yet both are" in refused(small)


def test_annotation_that_is_stated_and_excluded_by_one_reference(small):
    row = hpoa_row("ORPHA:7", "Tropical chill", "HP:0001945", reference="ORPHA:7", qualifier="NOT")
    small.write("phenotype.hpoa", (small.folder / "phenotype.hpoa").read_text() + row + "\n")
    assert "excludes HP:0001945 for ORPHA:7, which line 7 states" in refused(small)


def test_circles_name_their_members(small):
    small.edit(MALARIA, "system:", "is_a: [MA:cholera]\nsystem:")
    small.edit(CHOLERA, "system:", "is_a: [MA:malaria]\nsystem:")
    said = refused(small)
    assert "is_a goes round in a circle" in said
    assert "MA:malaria → MA:cholera" in said or "MA:cholera → MA:malaria" in said
    assert "cholera.yaml:1:" in said or "malaria.yaml:1:" in said


def test_circle_inside_the_ontology_names_its_line(small):
    small.edit("hp.obo", "name: Seizure\n", "name: Seizure\nis_a: HP:0002069 ! Bilateral\n")
    assert "hp.obo:18: is_a goes round in a circle" in refused(small)


def test_all_problems_of_all_files_at_once(small):
    small.edit(MALARIA, "finding: Jaundice", "finding: Jaundyce")
    small.edit(CHOLERA, "[A00.0, A00]", "[A77, A00]")
    said = refused(small)
    assert "Jaundyce" in said
    assert "A77" in said


def test_header_only_annotations(small):
    small.write("phenotype.hpoa", f"#version: 1\n{HPOA_HEADER}\n")
    assert "phenotype.hpoa: holds no annotation" in refused(small)
