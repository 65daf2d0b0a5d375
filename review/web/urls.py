"""Addresses of review. tests/review/test_access.py lists who may open each of them."""

from django.urls import include, path

from review.web.views import adjudicating, agreement, corrections, drafts, guideline, items, queue, remarks
from review.web.views.edges import edge_judge, edge_list
from review.web.views.naming import names_page

urlpatterns = [
    path("", queue.review_home, name="review_home"),
    path("claim", queue.claim, name="review_claim"),
    path("names/", names_page, name="review_names"),
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
    path("agreement/", agreement.agreement, name="review_agreement"),
    path("agreement/ask", agreement.agreement_ask, name="review_agreement_ask"),
    path("agreement/mine/", agreement.agreement_mine, name="review_agreement_mine"),
    path("agreement/<int:report_id>.csv", agreement.agreement_csv, name="review_agreement_csv"),
    path("agreement/<int:report_id>.json", agreement.agreement_json, name="review_agreement_json"),
    path("guideline/", guideline.guideline, name="review_guideline"),
    path("items/<uuid:item_id>/turns/<int:turn_number>/correct", corrections.correction_open, name="review_correct"),
    path("items/<uuid:item_id>/remarks/", remarks.remarks, name="review_remarks"),
    path("corrections/<uuid:correction_id>/", corrections.correction_page, name="review_correction"),
    path("corrections/<uuid:correction_id>/draft", corrections.correction_draft, name="review_correction_draft"),
]
