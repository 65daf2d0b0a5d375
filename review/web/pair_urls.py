"""Addresses of pairs. tests/review/test_pair_access.py lists who may open each of them."""

from django.urls import path

from review.web.views import pair_drafts, pairs, ranking

urlpatterns = [
    path("", pairs.pairs_home, name="review_pairs"),
    path("claim", pairs.pair_claim, name="review_pair_claim"),
    path("ranking/", ranking.ranking, name="review_ranking"),
    path("ranking.csv", ranking.ranking_csv, name="review_ranking_csv"),
    path("ranking.json", ranking.ranking_json, name="review_ranking_json"),
    path("<uuid:pair_id>/", pairs.pair_page, name="review_pair"),
    path("<uuid:pair_id>/skip/", pairs.pair_skip, name="review_pair_skip"),
    path("<uuid:pair_id>/draft", pair_drafts.pair_draft_save, name="review_pair_draft"),
    path("<uuid:pair_id>/heartbeat", pair_drafts.pair_heartbeat, name="review_pair_heartbeat"),
]
