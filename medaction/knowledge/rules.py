"""Rules that authored files must keep. Each rule yields problems with file and line; an empty stream is a pass."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations

from .names import FindingNames
from .problems import Problem
from .sources.authored import AuthoredDisease, AuthoredFinding
from .sources.obo import Hpo
from .text import fold

Report = Callable[[str], Problem]
MOST_COMPETITORS = 5


def lint_findings(findings: Sequence[AuthoredFinding], hpo: Hpo, tests: frozenset[str]) -> Iterator[Problem]:
    ids: dict[str, AuthoredFinding] = {}
    for finding in findings:
        if finding.id in ids:
            yield finding.place.problem(f"repeats the id {finding.id} of {_where(ids[finding.id])}")
        ids[finding.id] = finding
    meanings: dict[str, AuthoredFinding] = {}
    names: dict[str, AuthoredFinding] = {}
    for finding in findings:
        if finding.hpo and (other := meanings.setdefault(finding.hpo, finding)) is not finding:
            yield finding.place.problem(
                f"claims {finding.hpo} like {other.name!r} in {_where(other)}: merge the two entries"
            )
        for name in (finding.name, *finding.aliases):
            if (other := names.setdefault(fold(name), finding)) is not finding:
                yield finding.place.problem(f"name {name!r} already means {other.id} in {_where(other)}")
        for target in (finding.hpo, finding.opposite, *finding.is_a):
            if target and (trouble := _hpo_trouble(target, hpo) if target.startswith("HP:") else _absent(target, ids)):
                yield finding.place.problem(f"{finding.id}: {trouble}")
        for test in finding.tests:
            if test not in tests:
                yield finding.place.problem(f"{finding.id}: {_unknown_test(test, tests)}")


def lint_diseases(
    diseases: Sequence[AuthoredDisease], names: FindingNames, hpo: Hpo, tests: frozenset[str], codes: set[str]
) -> Iterator[Problem]:
    ids: dict[str, AuthoredDisease] = {}
    labels: dict[str, AuthoredDisease] = {}
    for disease in diseases:
        if (other := ids.setdefault(disease.id, disease)) is not disease:
            yield disease.place.problem(f"repeats the id {disease.id} of {other.place.file}")
        for label in (disease.name, *disease.aliases, *disease.forms):
            if (other := labels.setdefault(fold(label), disease)) is not disease:
                yield disease.place.problem(f"name {label!r} already means {other.id} in {other.place.file}")
        same = set(map(fold, (disease.name, *disease.aliases)))
        for index, form in enumerate(disease.forms):
            if fold(form) in same:
                yield disease.at("forms", index).problem(
                    f"{form!r} cannot be both a name of the disease and a form of it"
                )
        for index, code in enumerate(disease.icd10cm):
            if code not in codes:
                yield disease.at("icd10cm", index).problem(f"{code} is not in ICD-10-CM")
        yield from _lint_uses(disease, names, hpo)
        yield from _lint_tests(disease, names, hpo, tests)
        if disease.duration and disease.duration.low >= disease.duration.high:
            yield disease.at("duration").problem("the duration does not run from a shorter to a longer time")
        for index, entry in enumerate(disease.demographics):
            if entry.low >= entry.high:
                yield disease.at("demographics", index).problem(f"age {entry.low}–{entry.high} is not a range")
        yield from _lint_overlaps(disease)


def _lint_overlaps(disease: AuthoredDisease) -> Iterator[Problem]:
    """Two factors for one age and sex would multiply. Ranges that only touch are fine: a range ends below its end."""
    rows = list(enumerate(disease.demographics))
    for (_, one), (index, other) in combinations(rows, 2):
        if one.sex == other.sex and max(one.low, other.low) < min(one.high, other.high):
            yield disease.at("demographics", index).problem(
                f"age {other.low:g}–{other.high:g} overlaps {one.low:g}–{one.high:g} of the same sex"
            )


def _lint_uses(disease: AuthoredDisease, names: FindingNames, hpo: Hpo) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for use in (*disease.findings, *disease.risk_factors):
        yield from _lint_name(use.finding, use.hpo, names, hpo, use.place.problem)
        concept = names.resolve(use.finding)
        if concept is None:
            continue
        if concept in seen:
            yield use.place.problem(f"{use.finding!r} is the same finding as {seen[concept]!r} above")
        seen[concept] = use.finding


def _lint_tests(disease: AuthoredDisease, names: FindingNames, hpo: Hpo, tests: frozenset[str]) -> Iterator[Problem]:
    seen: set[tuple[str, str, str]] = set()
    for use in disease.tests:
        if use.test not in tests:
            yield use.place.problem(_unknown_test(use.test, tests))
        yield from _lint_name(use.finding, use.hpo, names, hpo, use.place.problem)
        if (key := (use.test, fold(use.finding), use.polarity)) in seen:
            yield use.place.problem(f"repeats {use.test} → {use.finding}")
        seen.add(key)
        if use.sensitivity is not None and use.specificity is not None and use.sensitivity + use.specificity <= 1:
            yield use.place.problem("sensitivity + specificity ≤ 1: this result would not argue for the disease")
    if len({use.test for use in disease.tests}) < 3:
        yield disease.at("tests").problem("names fewer than 3 different tests")


def _lint_name(name: str, hpo_id: str | None, names: FindingNames, hpo: Hpo, at: Report) -> Iterator[Problem]:
    concept = names.resolve(name)
    if hpo_id and (trouble := _hpo_trouble(hpo_id, hpo)):
        yield at(trouble)
    elif concept is None and hpo_id:
        yield at(f"{name!r} is not a name of {hpo_id} ({hpo.terms[hpo_id].name!r}): use its name, or add an alias")
    elif concept is None:
        yield at(names.explain_failure(name))
    elif hpo_id and concept != hpo_id:
        yield at(f"{name!r} means {concept} ({names.labels[concept]!r}), not {hpo_id} ({hpo.terms[hpo_id].name!r})")


def lint_references(diseases: Sequence[AuthoredDisease]) -> Iterator[Problem]:
    """Competitors and parents that nobody has authored."""
    ids = {disease.id for disease in diseases}
    for disease in diseases:
        for index, parent in enumerate(disease.is_a):
            if parent.startswith("MA:") and parent not in ids:
                yield disease.at("is_a", index).problem(f"{parent} is not authored{_did_you_mean(parent, ids)}")
        for rival in disease.competitors:
            if rival.disease == disease.id:
                yield rival.place.problem("names itself as a competitor")
            elif rival.disease.startswith("MA:") and rival.disease not in ids:
                yield rival.place.problem(f"{rival.disease} is not authored{_did_you_mean(rival.disease, ids)}")


def lint_symmetry(diseases: Sequence[AuthoredDisease]) -> Iterator[Problem]:
    """Competitors that do not name each other, though the other still has room for one."""
    named = {disease.id: {rival.disease for rival in disease.competitors} for disease in diseases}
    for disease in diseases:
        for rival in disease.competitors:
            other = named.get(rival.disease, {disease.id})
            if disease.id not in other and len(other) < MOST_COMPETITORS:
                yield rival.place.problem(f"{rival.disease} does not name {disease.id} as its competitor")


def _hpo_trouble(hpo_id: str, hpo: Hpo) -> str | None:
    term = hpo.terms.get(hpo_id)
    if term is None:
        main = next((t for t in hpo.terms.values() if hpo_id in t.alt_ids), None)
        return f"{hpo_id} is an old id of {main.id} ({main.name})" if main else f"{hpo_id} is not in HPO {hpo.version}"
    if term.obsolete:
        return f"{hpo_id} is obsolete" + (f"; use {term.replaced_by}" if term.replaced_by else "")
    return None


def _absent(target: str, ids: dict[str, AuthoredFinding]) -> str | None:
    return None if target in ids else f"{target} is not an authored finding"


def _unknown_test(test: str, tests: frozenset[str]) -> str:
    return f"{test} is not a key of the test catalogue{_did_you_mean(test, tests)}"


def _did_you_mean(key: str, known: Iterable[str]) -> str:
    words = set(key.replace(":", "_").split("_")) - {"MA", "disease", "syndrome", "acute", "chronic"}
    scored = sorted((-len(words & set(k.removeprefix("MA:").split("_"))), len(k), k) for k in known)
    near = [name for score, _, name in scored[:4] if score]
    return f" (nearest: {', '.join(near)})" if near else ""


def _where(finding: AuthoredFinding) -> str:
    return f"{finding.place.file}:{finding.place.line}"
