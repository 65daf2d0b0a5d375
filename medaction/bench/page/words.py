"""What the figures are called and what they mean, in plain words."""

FIGURES: dict[str, tuple[str, str]] = {
    "no_answer": ("No diagnosis given", "Runs that ended without a readable diagnosis."),
    "format_failure_rate": ("Unreadable turns", "Turns that could not be read, after one request to repair them."),
    "unavailable_rate": ("Orders refused", "Orders for what the case does not tell."),
    "unlinked_test_rate": ("Tests not to the point", "Tests that the graph links to no diagnosis then held."),
    "repeat_order_rate": ("Orders repeated", "Orders made before."),
    "key_test_miss_rate": ("Key tests missed", "Tests whose result argues for the truth, never asked for."),
    "rigidity": ("Rigidity", "The leader stays although strong evidence asks for another."),
    "erratic_jump_rate": ("Erratic jumps", "An unlike diagnosis takes the lead and nothing supports it."),
    "placebo_rate": ("Placebo changes", "The leader changes after orders that brought nothing."),
    "must_not_miss_dropped_rate": ("Must-not-miss dropped", "Dangerous diagnoses dropped and not excluded."),
    "test_precision": ("Test precision", "Of the tests that were answered, those that are key tests."),
    "test_recall": ("Test recall", "Of the key tests, those that were asked for."),
    "dtc_slope": ("DTC slope", "Change of the nearness to the truth, a turn."),
    "rac_slope": ("RAC slope", "Change of RAC, a turn."),
}
BATTERY = tuple(name for name in FIGURES if not name.endswith("_slope"))
BETTER_HIGH = frozenset({"test_precision", "test_recall", "dtc_slope", "rac_slope"})

OUTCOMES = {"RESULT": "result", "UNAVAILABLE": "not available", "DUPLICATE": "asked before"}

COMPARED = {
    "top1": "First is right",
    "top3": "Among the first 3",
    "top10": "Among the first 10",
    "no_answer": "No diagnosis given",
    "truth_p": "Probability of the truth",
    "brier": "Brier score",
    "dtc": "DTC",
    "rac": "RAC",
    "grounding": "Tests to the point",
    "coverage": "Coverage",
    "turns": "Turns",
    "cost": "Cost of tests",
    **{name: FIGURES[name][0] for name in BATTERY},
}

READING = (
    ("Right", "The first diagnosis is the same concept as the truth, or a synonym. A wider or narrower one is "
     "counted apart (broader) and is not right; likeness of spelling counts nothing."),
    ("Interval", "95 % bootstrap interval; cases of one patient or article are resampled together. A share of 0 or "
     "100 % has its exact interval. n is the number of records behind a mean, and of orders, turns or changes behind a "
     "share of the failure battery."),
    ("DTC and RAC", "Our own operationalisation of Disease Trajectory Consistency and Reasoning–Action Consistency; "
     "the published formulae are not known, and these numbers must not be put beside published ones. Coverage is the "
     "share that the graph can judge. A dash means not assessable; it is never 0."),
    ("Belief over turns", "What a run last said stands after its end, and over a turn that could not be read."),
    ("Calibration", "ECE: over ten bins of the stated probability, the gap to the share that is right, weighted by n. "
     "Brier: mean squared distance of the probability from right or wrong. Hidden below 30 answers."),
    ("Regret", "Acquisition: all evidence at once − own evidence at once; integration: own evidence at once − active, "
     "on the same evidence. Differences are paired by case."),
    ("Order", "All evidence is read again in seeded other orders. Total variation is half the sum of the absolute "
     "differences of the differential's probabilities, with what a list leaves open as one more entry."),
    ("p, Holm", "McNemar's exact test over the cases that only one run has right, corrected over all tests shown."),
)  # fmt: skip
