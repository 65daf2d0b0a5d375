"""How near labels are to a reference: for training, where a reviewer sees it, and for gold items, where not."""

from dataclasses import dataclass

from .labels import Labels


@dataclass(frozen=True, slots=True)
class Agreement:
    """``same`` of ``count`` turns that the reference labels carry the same label; an unmarked turn is not the same.

    ``differing`` are the turn numbers that do not. ``first_error_distance``: how many turns the first error lies from
    the reference's, negative when it was seen too early; None unless both have one.
    """

    same: int
    count: int
    differing: tuple[int, ...]
    first_error_distance: int | None

    @property
    def share(self) -> float | None:
        """0 to 1; None when the reference labels no turn."""
        return self.same / self.count if self.count else None


def compare_labels(labels: Labels, reference: Labels) -> Agreement:
    wanted = {number: turn.label for number, turn in reference.turns.items() if turn.label is not None}
    differing = tuple(number for number, label in sorted(wanted.items()) if labels.of(number).label != label)
    mine, theirs = labels.first_error, reference.first_error
    distance = mine - theirs if mine is not None and theirs is not None else None
    return Agreement(len(wanted) - len(differing), len(wanted), differing, distance)
