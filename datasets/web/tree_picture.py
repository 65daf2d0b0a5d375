"""A tree as a picture: where each turn stands, what it looks like and what it is called. The template draws it.

A turn has one look: the best of the branches through it in which it is kept. Look, shape and words always agree, so
that none of them is needed to read another.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from datasets.models import Verdict
from datasets.selectors.trees import BranchSheet, TreeSheet

COLUMN, LEVEL, MARGIN, RADIUS = 76, 92, 44, 15
Kind = Verdict.Kind
# Best first. CUT: a turn at or after the first fault of a truncated branch; UNJUDGED: merged, or not scored.
LOOKS = (Kind.RETAINED, Kind.TRUNCATED, "CUT", Kind.NOT_ASSESSABLE, Kind.REJECTED, "UNJUDGED")
MARKS = {
    Kind.RETAINED: "✓",
    Kind.TRUNCATED: "⌇",
    "CUT": "–",
    Kind.NOT_ASSESSABLE: "?",
    Kind.REJECTED: "✕",
    "UNJUDGED": "=",
}
WORDS = {
    Kind.RETAINED: "retained",
    Kind.TRUNCATED: "kept of a truncated branch",
    "CUT": "cut off",
    Kind.NOT_ASSESSABLE: "not assessable",
    Kind.REJECTED: "rejected",
    "UNJUDGED": "merged or not scored",
}


@dataclass
class Place:
    """One turn, or the presentation at the root. ``x`` and ``y`` are its centre, in units of the drawing."""

    seq: int
    parent: int | None
    look: str
    label: str
    title: str
    x: float = 0.0
    y: float = 0.0
    children: list[int] = field(default_factory=list)
    selected: bool = False
    on_path: bool = False

    @property
    def mark(self) -> str:
        return MARKS.get(self.look, "o1")


@dataclass(frozen=True, slots=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float
    look: str
    on_path: bool


@dataclass(frozen=True, slots=True)
class Picture:
    width: float
    height: float
    places: tuple[Place, ...]
    lines: tuple[Line, ...]
    looks: tuple[tuple[str, str, str, int], ...]
    """For the legend: look, mark, words, how many turns have it."""


def draw_tree(sheet: TreeSheet, selected: int) -> Picture:
    places = _list_places(sheet)
    _lay_out(places)
    seq: int | None = selected
    while seq is not None:
        places[seq].on_path = True
        seq = places[seq].parent
    places[selected].selected = True
    lines = [
        Line(up.x, up.y, place.x, place.y, place.look, place.on_path)
        for place in places.values()
        if place.parent is not None and (up := places[place.parent])
    ]
    found = [place.look for place in places.values()]
    return Picture(
        width=max(place.x for place in places.values()) + MARGIN,
        height=max(place.y for place in places.values()) + MARGIN,
        places=tuple(places.values()),
        lines=tuple(sorted(lines, key=lambda line: line.on_path)),
        looks=tuple((look, MARKS[look], WORDS[look], found.count(look)) for look in LOOKS if look in found),
    )


def place_of(sheet: TreeSheet, seq: int) -> int:
    """The place at which a node is drawn: results stand with the turn that asked for them."""
    if seq not in sheet.nodes or seq == 0:
        return 0
    return seq if seq in sheet.numbers else sheet.nodes[seq].parent_seq or 0


def _list_places(sheet: TreeSheet) -> dict[int, Place]:
    looks = _find_looks(sheet)
    places = {0: Place(0, None, "ROOT", "", "Presentation")}
    for seq, number in sheet.numbers.items():
        parent = place_of(sheet, sheet.nodes[seq].parent_seq or 0)
        look = looks.get(seq, "UNJUDGED")
        title = f"Turn {number - 1}, {_action(sheet, seq)}: {WORDS[look]}"
        places[seq] = Place(seq, parent, look, str(number - 1), title)
        places[parent].children.append(seq)
    return places


def _find_looks(sheet: TreeSheet) -> dict[int, str]:
    found: dict[int, list[str]] = defaultdict(list)
    for branch in sheet.branches:
        for seq in branch.path:
            if seq in sheet.numbers:
                found[seq].append(_look(branch, sheet.numbers[seq]))
    return {seq: min(looks, key=LOOKS.index) for seq, looks in found.items()}


def _look(branch: BranchSheet, number: int) -> str:
    if branch.verdict is None:
        return "UNJUDGED"
    if branch.verdict.verdict == Kind.TRUNCATED:
        return Kind.TRUNCATED if number - 2 < branch.verdict.kept else "CUT"
    return branch.verdict.verdict


def _action(sheet: TreeSheet, seq: int) -> str:
    action = (sheet.nodes[seq].content["turn"] or {}).get("action")
    if not action:
        return "could not be read"
    return f"diagnoses {action['dx']}" if action["type"] == "diagnose" else f"orders {', '.join(action['tests'])}"


def _lay_out(places: dict[int, Place]) -> None:
    """Leaves side by side, each parent above the middle of its children. Without recursion: trees may be deep."""
    order: list[tuple[int, int]] = []
    stack = [(0, 0)]
    while stack:
        seq, depth = stack.pop()
        order.append((seq, depth))
        stack += [(child, depth + 1) for child in reversed(places[seq].children)]
    columns = 0
    for seq, depth in order:
        place = places[seq]
        place.y = MARGIN + depth * LEVEL
        if not place.children:
            place.x = MARGIN + columns * COLUMN
            columns += 1
    for seq, _ in reversed(order):
        place = places[seq]
        if place.children:
            xs = [places[child].x for child in place.children]
            place.x = (xs[0] + xs[-1]) / 2
