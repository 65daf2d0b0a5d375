"""A whole set of inputs in miniature, written into a folder, that a test may then break."""

from dataclasses import dataclass
from pathlib import Path

from medaction.knowledge.sources.places import Places

OBO = """format-version: 1.2
data-version: hp/releases/2000-01-01

[Term]
id: HP:0000001
name: All

[Term]
id: HP:0000118
name: Phenotypic abnormality
is_a: HP:0000001 ! All

[Term]
id: HP:0000707
name: Abnormality of the nervous system
is_a: HP:0000118 ! Phenotypic abnormality

[Term]
id: HP:0001250
name: Seizure
alt_id: HP:0001303
synonym: "Epileptic seizure" EXACT []
synonym: "Fits" RELATED []
is_a: HP:0000707 ! Abnormality of the nervous system

[Term]
id: HP:0002069
name: Bilateral tonic-clonic seizure
is_a: HP:0001250 ! Seizure

[Term]
id: HP:0001945
name: Fever
synonym: "Pyrexia" EXACT layperson []
is_a: HP:0000118 ! Phenotypic abnormality

[Term]
id: HP:0001324
name: Muscle weakness
is_a: HP:0000707 ! Abnormality of the nervous system

[Term]
id: HP:0009999
name: obsolete Weak muscles
is_obsolete: true
replaced_by: HP:0001324

[Term]
id: HP:0003593
name: Infantile onset
is_a: HP:0000001 ! All
"""

_COLUMNS = (
    "database_id disease_name qualifier hpo_id reference evidence onset frequency sex modifier aspect biocuration"
)
HPOA_HEADER = _COLUMNS.replace(" ", "\t")


def hpoa_row(
    disease: str,
    name: str,
    term: str,
    *,
    reference: str = "PMID:1",
    frequency: str = "",
    qualifier: str = "",
    onset: str = "",
) -> str:
    cells = (disease, name, qualifier, term, reference, "PCS", onset, frequency, "", "", "P", "HPO:x[2000-01-01]")
    return "\t".join(cells)


HPOA = "\n".join(
    [
        "#version: 2000-01-01",
        HPOA_HEADER,
        hpoa_row("OMIM:1", "Shaking disease 1", "HP:0002069", frequency="2/3", onset="HP:0003593"),
        hpoa_row("OMIM:1", "Shaking disease 1", "HP:0002069", frequency="0/4"),
        hpoa_row("OMIM:1", "Shaking disease 1", "HP:0001945", reference="PMID:2", frequency="HP:0040283"),
        hpoa_row("OMIM:2", "Shaking disease 2", "HP:0001250", reference="PMID:1;PMID:3", frequency="50%"),
        hpoa_row("ORPHA:7", "Tropical chill", "HP:0001945", reference="ORPHA:7", frequency="HP:0040281"),
        hpoa_row("ORPHA:7", "Tropical chill", "HP:0001324", reference="ORPHA:7", qualifier="NOT"),
        "",
    ]
)

GENES_HEADER = "ncbi_gene_id\tgene_symbol\thpo_id\thpo_name\tfrequency\tdisease_id"
GENES = "\n".join(
    [
        GENES_HEADER,
        "1\tSHAKE1\tHP:0001250\tSeizure\t-\tOMIM:1",
        "1\tSHAKE1\tHP:0001945\tFever\t-\tOMIM:1",
        "1\tSHAKE1\tHP:0001250\tSeizure\t-\tORPHA:7",
        "2\tOTHER\tHP:0001250\tSeizure\t-\tOMIM:404",
        "",
    ]
)

ICD_CODES = "1\nA00-A09\nA00\nA000\nA009\nB50\nB509\n"
ICD_XML = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular><version>2000</version>
<chapter><name>1</name><desc>Infections (A00-B99)</desc>
<section id="A00-A09"><desc>Gut infections (A00-A09)</desc>
<diag><name>A00</name><desc>Cholera</desc>
<diag><name>A00.0</name><desc>Classical cholera</desc><inclusionTerm><note>Asiatic cholera</note></inclusionTerm></diag>
<diag><name>A00.9</name><desc>Other cholera</desc><inclusionTerm><note>Cholera sicca</note></inclusionTerm></diag>
</diag></section>
<section id="B50-B64"><desc>Protozoa (B50-B64)</desc>
<diag><name>B50</name><desc>Malaria</desc><diag><name>B50.9</name><desc>Malaria, unspecified</desc></diag></diag>
</section></chapter></ICD10CM.tabular>
"""

CATALOGUE = """
- {key: vital_signs, name: Vital signs, aliases: [obs], category: exam}
- {key: stool_culture, name: Stool culture, category: lab, components: [sodium]}
- {key: sodium, name: Sodium, aliases: [Na], category: lab}
- {key: neurological_exam, name: Neurological examination, category: exam}
- {key: bowel_history, name: Bowel history, category: history}
- {key: travel_exposure, name: Travel history, category: history}
- key: blood_smear
  name: Blood smear
  aliases: [thick film]
  category: lab
  quantities:
  - key: rings
    name: Rings
    loinc: [32700-7]
    unit: mmol/L
    other_units: {mg/mol: 2}
    ranges: [{age: [0, 28 d], low: 3, high: 9, source: estimate}, {age: [28 d, 150], low: 1}]
"""

FINDINGS = """
- {id: MF:fever, name: Fever, aliases: [hot], kind: sign, hpo: HP:0001945, background: 0.1, tests: [vital_signs]}
- {id: MF:rigors, name: Shaking chills, kind: symptom, is_a: [HP:0001945], background: 0.02, tests: [vital_signs]}
- {id: MF:watery_stool, name: Rice-water stool, kind: symptom, background: 0.002, tests: [bowel_history]}
- {id: MF:parasites, name: Parasites on the smear, kind: lab, background: 0.001, tests: [blood_smear]}
- {id: MF:vibrio, name: Vibrio in stool, kind: micro, background: 0.0005, tests: [stool_culture]}
- {id: MF:low_na, name: Low sodium, kind: lab, background: 0.05, tests: [sodium], opposite: MF:high_na}
- {id: MF:high_na, name: High sodium, kind: lab, background: 0.01, tests: [sodium], opposite: MF:low_na}
- {id: MF:travel, name: Travel to the tropics, kind: history, background: 0.01, tests: [travel_exposure]}
- {id: MF:cramp, name: Muscle cramp, kind: symptom, background: 0.04, tests: [neurological_exam]}
- {id: MF:dry, name: Dry mouth, kind: sign, background: 0.02, tests: [vital_signs]}
- {id: MF:jaundice, name: Jaundice, kind: sign, background: 0.008, tests: [vital_signs]}
"""

REACH = "- {branch: HP:0000118, name: Phenotypic abnormality, tests: [vital_signs]}\n"

MALARIA = """id: MA:malaria
name: Falciparum malaria
aliases: [malaria, jungle fever, MAL]
icd10cm: [B50.9]
xrefs: []
system: infectious
must_not_miss: true
prior: {band: uncommon}
demographics:
  - {sex: any, age: [0, 5], factor: 2}
risk_factors:
  - {finding: Travel to the tropics, p: very_frequent}
findings:
  - {finding: Fever, hpo: HP:0001945, p: almost_always}
  - {finding: Shaking chills, p: very_frequent}
  - {finding: Seizure, p: uncommon}
  - {finding: Muscle weakness, p: occasional}
  - {finding: Rice-water stool, p: never}
  - {finding: Muscle cramp, p: occasional}
  - {finding: Dry mouth, p: occasional}
  - {finding: Jaundice, p: occasional}
tests:
  - {test: blood_smear, finding: Parasites on the smear, sensitivity: 0.95, specificity: 0.99}
  - {test: vital_signs, finding: Fever, sensitivity: 0.9, specificity: 0.6}
  - {test: sodium, finding: Low sodium, polarity: low, sensitivity: 0.4, specificity: 0.9}
competitors:
  - {disease: MA:cholera, separates: "Malaria has fever and parasites on the smear, cholera has neither."}
  - {disease: "ORPHA:7", separates: "Tropical chill has no parasites on the smear at all."}
"""

CHOLERA = """id: MA:cholera
name: Cholera
aliases: [asiatic cholera]
forms: [dry cholera, El Tor enteritis]
icd10cm: [A00.0, A00]
system: infectious
must_not_miss: true
prior: {band: rare, source: PMID:99}
findings:
  - {finding: Rice-water stool, p: almost_always}
  - {finding: Muscle cramp, p: frequent}
  - {finding: Dry mouth, p: very_frequent}
  - {finding: Fever, p: rare}
  - {finding: Shaking chills, p: rare}
  - {finding: Muscle weakness, p: frequent}
  - {finding: Seizure, p: rare}
  - {finding: Jaundice, p: never}
tests:
  - {test: stool_culture, finding: Vibrio in stool, sensitivity: 0.9, specificity: 0.99}
  - {test: sodium, finding: High sodium, polarity: high, sensitivity: 0.2, specificity: 0.95}
  - {test: blood_smear, finding: Parasites on the smear, polarity: absent, sensitivity: 0.99, specificity: 0.1}
competitors:
  - {disease: MA:malaria, separates: "Cholera pours rice-water stool and leaves the temperature normal."}
  - {disease: "ICD10CM:B50", separates: "A second rival, so that the rule of two is kept."}
"""


@dataclass(frozen=True)
class Small:
    """The folder and the places in it. ``write`` replaces a file; ``edit`` replaces a piece of one."""

    folder: Path
    places: Places

    def write(self, name: str, text: str | bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new, 1))


def write_small(folder: Path) -> Small:
    places = Places(
        obo=folder / "hp.obo",
        hpoa=folder / "phenotype.hpoa",
        genes=folder / "genes.txt",
        icd_codes=folder / "codes.txt",
        icd_tabular=folder / "tabular.xml",
        catalogue=folder / "catalogue",
        authored=folder / "data",
    )
    small = Small(folder, places)
    for name, text in {
        "hp.obo": OBO,
        "phenotype.hpoa": HPOA,
        "genes.txt": GENES,
        "codes.txt": ICD_CODES,
        "tabular.xml": ICD_XML,
        "catalogue/tests.yaml": CATALOGUE,
        "data/findings/all.yaml": FINDINGS,
        "data/reach.yaml": REACH,
        "data/diseases/infectious/malaria.yaml": MALARIA,
        "data/diseases/infectious/cholera.yaml": CHOLERA,
    }.items():
        small.write(name, text)
    return small
