"""What the graph says of a turn: worked out by a worker, and shown to a reviewer only after they have labelled it."""

from diagnosis.selectors.branch import get_branch
from diagnosis.services.planning import load_case
from medaction.domain.branch import Branch
from medaction.domain.tree import Node, NodeKind, TreeError
from medaction.metrics import METRIC_VERSION, BranchScorer
from review.models import Draft, GraphReading, HintShown, ReviewItem
from review.models.annotation import Pass

UNREADABLE = "This work-up cannot be read as the metrics read one: {fault}."


def read_item(*, item: ReviewItem, scorer: BranchScorer) -> GraphReading:
    """Worked out once for an item, graph and metric version."""
    place = {"item": item, "graph_hash": scorer.graph.hash, "metric_version": METRIC_VERSION}
    known = GraphReading.objects.filter(**place).first()
    if known is not None:
        return known
    nodes = get_branch(trajectory_id=item.trajectory_id, leaf_seq=item.leaf_seq)
    try:
        branch = Branch.from_nodes(
            [Node(n.seq, n.parent_seq, NodeKind(n.kind), n.content, n.sampled, n.content_hash) for n in nodes]
        )
        values = {"score": scorer.score(branch, load_case(item.trajectory.case_id)).to_dict()}
    except TreeError as fault:
        values = {"error_message": UNREADABLE.format(fault=fault)[:400]}
    return GraphReading.objects.get_or_create(**place, defaults=values)[0]


def show_hints(draft: Draft) -> None:
    """Let the reviewer see what the graph says of the turns that they have gone on from, and keep what they had said.

    In the transaction of the step that goes on. Without a reading yet, they come with a later step.
    """
    labels = draft.labels.get("turns", {})
    numbers = draft.item.turn_numbers if draft.stage == Pass.SECOND else draft.item.turn_numbers[: draft.position]
    judged = [number for number in numbers if str(number) in labels]
    readings = GraphReading.objects.filter(item=draft.item, metric_version=METRIC_VERSION, error_message="")
    reading = readings.first() if judged else None
    if reading is None:
        return
    HintShown.objects.bulk_create(
        [
            HintShown(
                item=draft.item,
                reviewer=draft.reviewer,
                turn_number=number,
                reading=reading,
                # As it is stored, whatever fields labels had when it was written.
                label=labels[str(number)],
            )
            for number in judged
        ],
        ignore_conflicts=True,
    )
