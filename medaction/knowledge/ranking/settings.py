"""The figures that the ranking rests on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RankingSettings:
    """Estimates, chosen on one half of the shared phenopackets (by disease) in coarse steps.

    Pooling: a patient count is what it is, up to ``most_patients``; a frequency class counts as ``class_patients``, a
    row without a frequency as ``bare_patients`` at ``bare_p``; ``prior_patients`` at ``prior_p`` are added to all.
    ``kin``: how far a disease takes over what diseases of its series or gene show; a gene of more than ``gene_most``
    diseases makes no kin. ``noise``: the least that a finding's ratio is believed, for present and excluded ones.
    ``told``: how often what a patient has is told; ``unmet``: the weight of what is usual and was not told, once much
    was told; half of it at ``few`` present findings.
    ``denied`` and ``sought``: the weights of an excluded finding's frequency, which is trusted up to ``denied_most``,
    and of its being looked for at all; where P is ``usual`` or more, its absence never argues for the disease.
    """

    most_patients: float = 200.0
    class_patients: float = 5.0
    bare_patients: float = 2.0
    bare_p: float = 0.5
    prior_patients: float = 1.0
    prior_p: float = 0.3
    kin: float = 0.3
    gene_most: int = 12
    noise: float = 0.03
    told: float = 0.5
    unmet: float = 1.0
    few: float = 4.0
    denied: float = 1.0
    denied_most: float = 0.9
    sought: float = 0.3
    sought_noise: float = 0.3
    usual: float = 0.5
