"""What a first look at review needs; ``make demo`` runs it after ``demo_data``."""

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from review.dispatch import dispatch_examples
from review.services.examples import add_training_items, let_judge, list_missing_examples


class Command(BaseCommand):
    help = "Let an account judge, and add training items and examples. Safe to repeat: nothing is doubled."

    def add_arguments(self, parser):
        parser.add_argument("--user", default="demo", help="Account that may judge (default: demo).")
        # Given by the stack to every command that makes the demo; of no use here.
        parser.add_argument("--admin", default="", help="Ignored: an administrator may do everything.")

    def handle(self, *, user, **options):
        account = get_user_model().objects.filter(username=user).first()
        if account is None:
            raise CommandError(f"There is no account {user}; manage.py demo_data makes it.")
        let_judge(user=account)
        items = add_training_items()
        missing = list_missing_examples()
        if missing:
            dispatch_examples()
        self.stdout.write(f"{len(items)} training items; a worker adds {len(missing)} examples.")
