"""Addresses of the walkthroughs. tests/diagnosis/web/test_access.py lists who may open each of them."""

from django.urls import path
from django.views.generic import RedirectView

from diagnosis.web.health import healthz, readyz
from diagnosis.web.sse import job_stream
from diagnosis.web.views import cases, drive, jobs, sessions, terms

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="case_list"), name="home"),
    path("cases/", cases.case_list, name="case_list"),
    path("cases/<slug:slug>/", cases.case_detail, name="case_detail"),
    path("cases/<slug:slug>/watch/", cases.session_start, name="session_start"),
    path("cases/<slug:slug>/drive/", drive.drive_start, name="drive_start"),
    path("sessions/", sessions.session_list, name="session_list"),
    path("sessions/<uuid:session_id>/", sessions.session_detail, name="session_detail"),
    path("sessions/<uuid:session_id>/turns/", drive.turn_take, name="turn_take"),
    path("sessions/<uuid:session_id>/update/", drive.session_update, name="session_update"),
    path("sessions/<uuid:session_id>/comparison/", drive.comparison_retry, name="comparison_retry"),
    path("sessions/<uuid:session_id>/jobs/", sessions.job_submit, name="job_submit"),
    path("jobs/<uuid:job_id>/", jobs.job_detail, name="job_detail"),
    path("jobs/<uuid:job_id>/stream", job_stream, name="job_stream"),
    path("jobs/<uuid:job_id>/cancel", jobs.job_cancel, name="job_cancel"),
    path("jobs/<uuid:job_id>/retry", jobs.job_retry, name="job_retry"),
    path("terms/tests.json", terms.test_names, name="test_names"),
    path("terms/diagnoses.json", terms.disease_names, name="disease_names"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
