"""Addresses of data. tests/datasets/test_access.py lists who may open each of them."""

from django.urls import path
from django.views.generic import RedirectView

from datasets.web.views import imports

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="import_list"), name="data"),
    path("imports/", imports.import_list, name="import_list"),
    path("imports/new/", imports.import_start, name="import_start"),
    path("imports/<uuid:import_id>/", imports.import_detail, name="import_detail"),
    path("imports/<uuid:import_id>/confirm", imports.import_confirm, name="import_confirm"),
]
