"""What a first look needs: somebody to log in as, and cases to open."""

import secrets
import sys

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from diagnosis.services import import_cases
from medaction.formats.rows import CaseRow
from medaction.formats.teaching import load_teaching_cases


class Command(BaseCommand):
    help = "Give the demo's accounts a new password and import the teaching cases. Safe to repeat: nothing is doubled."

    def add_arguments(self, parser):
        parser.add_argument("--user", default="demo", help="Account of a clinician (default: demo).")
        parser.add_argument("--admin", default="", help="Account that may also use the admin pages (default: none).")
        parser.add_argument(
            "--password-stdin", action="store_true", help="Read the password from standard input; else one is printed."
        )

    def handle(self, *, user, admin, password_stdin, **options):
        password = sys.stdin.readline().strip() if password_stdin else secrets.token_urlsafe(12)
        if not password:
            raise CommandError("Standard input holds no password.")
        with transaction.atomic():
            # Hashed once for both: it is slow by design, and everybody waits for it at every start.
            hashed = make_password(password)
            set_password(username=user, hashed=hashed, is_admin=False)
            if admin:
                set_password(username=admin, hashed=hashed, is_admin=True)
        rows = [CaseRow(line, case) for line, case in enumerate(load_teaching_cases(), start=1)]
        report = import_cases(rows=rows, dry_run=False)
        if report.errors:
            raise CommandError(f"The teaching cases cannot be imported: {report.errors[0]}")
        self.stdout.write(f"{len(rows)} teaching cases ({report.created} new, {report.updated} updated).")
        if not password_stdin:
            self.stdout.write(f"Log in as {user} with the password {password}")


def set_password(*, username, hashed, is_admin):
    """Create or update an account. The password itself is stored nowhere, only its hash."""
    account, _ = get_user_model().objects.get_or_create(username=username)
    account.is_staff = account.is_superuser = is_admin
    account.is_active = True
    account.password = hashed
    account.save()
