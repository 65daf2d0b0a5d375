"""Addresses of review. tests/review/test_access.py lists who may open each of them."""

from django.urls import include, path

from review.web.views import adjudicating, corrections, drafts, guideline, items, queue
from review.web.views.edges import edge_judge, edge_list

urlpatterns = [
    path("", queue.review_home, name="review_home"),
    path("claim", queue.claim, name="review_claim"),
    path("edges/", edge_list, name="review_edges"),
    path("edges/judge", edge_judge, name="review_edge_judge"),
    path("items/<uuid:item_id>/", items.item_page, name="review_item"),
    path("items/<uuid:item_id>/skip/", items.item_skip, name="review_skip"),
    path("items/<uuid:item_id>/draft", drafts.draft_save, name="review_draft"),
    path("items/<uuid:item_id>/heartbeat", drafts.heartbeat, name="review_heartbeat"),
    path("adjudication/", adjudicating.adjudication_list, name="review_adjudications"),
    path("adjudication/<uuid:item_id>/", adjudicating.adjudication_item, name="review_adjudication"),
    path("adjudication/<uuid:item_id>/own/", adjudicating.adjudication_own, name="review_adjudication_own"),
    path("adjudication/<uuid:item_id>/exemplars", adjudicating.exemplar_mark, name="review_exemplar_mark"),
    path("exemplars/<int:exemplar_id>/remove", adjudicating.exemplar_remove, name="review_exemplar_remove"),
    path("pairs/", include("review.web.pair_urls")),
    path("guideline/", guideline.guideline, name="review_guideline"),
    path("items/<uuid:item_id>/turns/<int:turn_number>/correct", corrections.correction_open, name="review_correct"),
    path("corrections/<uuid:correction_id>/", corrections.correction_page, name="review_correction"),
    path("corrections/<uuid:correction_id>/draft", corrections.correction_draft, name="review_correction_draft"),
]
