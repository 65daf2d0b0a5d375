"""`medaction kg findings`: how much of the results of a case file extraction understands."""

from pathlib import Path
from typing import Annotated

import typer

from medaction.cli.app import print_json
from medaction.cli.case_files import load_cases
from medaction.cli.kg import Cache, Json, kg
from medaction.cli.policies import load_graph
from medaction.knowledge.extraction import Extractor, Patient
from medaction.knowledge.extraction.coverage import Coverage


@kg.command("findings")
def measure_findings(
    file: Annotated[Path, typer.Argument(help="A case file of any format that MedAction reads.")],
    unread: Annotated[int, typer.Option(min=0, help="List this many sentences that told nothing.")] = 0,
    cache: Cache = None,
    as_json: Json = False,
) -> None:
    """Read every result of the cases: the share of sentences and values that tell a finding, and by which method."""
    cases = load_cases(file)
    extractor = Extractor(load_graph(cache))
    coverage = Coverage(keep=unread)
    for case in cases:
        patient = Patient(case.demographics.age_years, case.demographics.sex)
        for item in case.menu:
            if item.result.strip():
                coverage.add(extractor, item.result, patient=patient, name=item.name)
    told = coverage.to_dict()
    if as_json:
        print_json({"cases": len(cases), **told})
        return
    for name, label in (("passages", "results"), ("fragments", "sentences"), ("values", "of them with a number")):
        row = told[name]
        share = "" if row["share"] is None else f" ({row['share']:.1%})"
        print(f"{label:22} {row['n']:>7,}   with a finding {row['read']:>7,}{share}")
    print(f"{'findings':22} {told['findings']:>7,}   " + ", ".join(f"{m} {n:,}" for m, n in told["methods"].items()))
    for text in told["unread"]:
        print(f"  {text}")
