"""Addresses of review. tests/review/test_access.py lists who may open each of them."""

from django.urls import path

from review.web.views import drafts, items, queue

urlpatterns = [
    path("", queue.review_home, name="review_home"),
    path("claim", queue.claim, name="review_claim"),
    path("items/<uuid:item_id>/", items.item_page, name="review_item"),
    path("items/<uuid:item_id>/skip/", items.item_skip, name="review_skip"),
    path("items/<uuid:item_id>/draft", drafts.draft_save, name="review_draft"),
    path("items/<uuid:item_id>/heartbeat", drafts.heartbeat, name="review_heartbeat"),
]
