"""Where the knowledge graph comes from, under which licences and in which versions."""

from typing import Any

from django.views.generic import TemplateView
from unfold.views import UnfoldModelAdminViewMixin

from datasets.selectors.graph import get_graph_sheet


class GraphView(UnfoldModelAdminViewMixin, TemplateView):
    title = "Knowledge graph"
    permission_required = ("datasets.view_distillationrun",)
    template_name = "datasets/admin/graph.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, sheet=get_graph_sheet())
