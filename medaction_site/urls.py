"""URLs of the whole site."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from medaction_site import account_admin as account_admin  # registers people and groups

# One sign-in for everybody, so that a second factor cannot be passed by through the admin's own form.
admin.site.login = secure_admin_login(admin.site.login)

urlpatterns = [
    path("", include("diagnosis.web.urls")),
    path("review/", include("review.web.urls")),
    path("data/", include("datasets.web.urls")),
    path("data/", include("datasets.web.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("django_prometheus.urls")),
]
