"""Cases with one clear answer."""

from medaction.domain.case import Case, Category, Demographics, Diagnosis, MenuItem


def make_case(*, truth: str = "Pulmonary embolism", hidden: str = "") -> Case:
    return Case(
        id="small-1",
        title="Breathless after a flight",
        source="test",
        licence="Apache-2.0",
        group_key="small-1",
        demographics=Demographics(61.0, "female", "61-year-old woman"),
        o1="A 61-year-old woman has sudden dyspnea and pleuritic chest pain.\nNo fever. Her left calf is swollen.",
        menu=(
            MenuItem("vitals", "Vital Signs", category=Category.EXAM, result="Heart Rate: 122 bpm\nSpO2: 88%"),
            MenuItem("ddimer", "D-dimer", category=Category.LAB, result="Elevated", cost=45.0),
            MenuItem(
                "ctpa",
                "CT pulmonary angiogram",
                category=Category.IMAGING,
                result="Filling defect in the right pulmonary artery",
                cost=900.0,
            ),
        ),
        diagnosis=Diagnosis(truth),
        synthetic=True,
        hidden_notes=hidden,
    )
