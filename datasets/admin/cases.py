"""Cases with their badges and licences: what a data manager needs to see of them, beside what everybody sees."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from diagnosis.admin import CaseAdmin
from diagnosis.models import Case
from medaction.formats.linting import BADGES

admin.site.unregister(Case)


class BadgeFilter(admin.SimpleListFilter):
    title = "what the check found"
    parameter_name = "badge"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("sound", "No error"), ("faulty", "An error"), ("unchecked", "Not checked"), *BADGES.items()]

    def queryset(self, request: HttpRequest, cases: QuerySet[Case]) -> QuerySet[Case]:
        match self.value():
            case None:
                return cases
            case "sound" | "faulty" as kind:
                return cases.filter(check_result__sound=kind == "sound")
            case "unchecked":
                return cases.filter(check_result__isnull=True)
            case code:
                return cases.filter(check_result__issues__contains=[{"code": code}])


@admin.register(Case)
class DataCaseAdmin(CaseAdmin):
    list_display = (*CaseAdmin.list_display, "licence", "badges")
    list_filter = (*CaseAdmin.list_filter, "licence", BadgeFilter)
    list_select_related = ("check_result",)
    fieldsets = (*CaseAdmin.fieldsets, ("Check", {"fields": ("badges", "issues")}))
    readonly_fields = (*CaseAdmin.readonly_fields, "badges", "issues")

    def badges(self, case: Case) -> str:
        check = getattr(case, "check_result", None)
        if check is None:
            return "not checked"
        return ", ".join(dict.fromkeys(issue["badge"] for issue in check.issues)) or "none"

    def issues(self, case: Case) -> str:
        check = getattr(case, "check_result", None)
        return "\n".join(f"{issue['severity']}: {issue['message']}" for issue in check.issues) if check else "–"
