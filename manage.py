#!/usr/bin/env python
"""Django's command line for the MedAction site."""

import sys

from medaction_site.env import ConfigurationError, use_settings


def main() -> None:
    use_settings("medaction_site.settings.dev")
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ConfigurationError as error:
        sys.exit(f"configuration: {error}")


if __name__ == "__main__":
    main()
