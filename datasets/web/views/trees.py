from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from datasets.selectors.trees import TreeSheet, get_tree
from datasets.web.access import for_data
from datasets.web.answers import answer
from datasets.web.forms import PairForm
from datasets.web.tree_card import fill_card
from datasets.web.tree_picture import draw_tree, place_of
from diagnosis.web.answers import own_or_404


@require_GET
@for_data()
def tree_detail(request: HttpRequest, trajectory_id: UUID) -> HttpResponse:
    """The tree with one of its turns beside it (``?node=``), as one selection decided (``?selection=``)."""
    try:
        sheet: TreeSheet = own_or_404(
            get_tree, trajectory_id=trajectory_id, selection_id=request.GET.get("selection") or None
        )
    except ValidationError:
        raise Http404 from None
    node = request.GET.get("node", "0")
    seq = place_of(sheet, int(node) if node.isascii() and node.isdigit() and len(node) < 7 else 0)
    context = {"sheet": sheet, "picture": draw_tree(sheet, seq), "card": fill_card(sheet, seq), "pair_form": PairForm()}
    return answer(request, "datasets/tree_detail.html", "tree", context, tab="runs")
