"""The one step that needs Django before the site starts: migrations, accounts, teaching cases, items to judge.

Reads the one-time password from standard input; its arguments go on to ``manage.py demo_data`` and ``review_demo``.
"""

import sys

import django
from django.core.management import call_command

from medaction_site.env import ConfigurationError, use_settings


def main() -> None:
    use_settings("medaction_site.settings.dev")
    try:
        django.setup()
    except ConfigurationError as error:
        sys.exit(f"configuration: {error}")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("demo_data", "--password-stdin", *sys.argv[1:])
    call_command("review_demo", *sys.argv[1:])
    call_command("teaching_benchmark")


if __name__ == "__main__":
    main()
