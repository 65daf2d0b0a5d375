"""``python -m medaction_site.stack``: up, down, status, exec."""

import argparse
import json
import os
import signal
import sys

from medaction_site import env
from medaction_site.env import ConfigurationError

from .errors import StackError
from .home import Home
from .processes import end_all, follow_parent
from .record import Record

STOP_SECONDS = 12.0


def up(home: Home, arguments: argparse.Namespace) -> int:
    if arguments.with_parent:
        follow_parent()
    home.create()
    with home.lock() as ours:
        record = Record.read(home.record)
        if not ours:
            raise StackError(f"The demo already runs: {record.address or 'it is starting'}. Stop it with `make stop`.")
        end_leftovers(record)
        # Loaded after the quick refusals above.
        from .plan import make_plan
        from .up import run_stack

        run_stack(home, make_plan(home))
    return 0


def down(home: Home, arguments: argparse.Namespace) -> int:
    record = Record.read(home.record)
    if record.is_running():
        end_all([record.runner], ask=signal.SIGTERM, grace=STOP_SECONDS)
        said = "Stopped."
    else:
        said = "Nothing runs."
    end_leftovers(record)
    print(said)  # noqa: T201
    return 0


def status(home: Home, arguments: argparse.Namespace) -> int:
    record = Record.read(home.record)
    running = record.is_running()
    parts = {
        name: {"pid": process.pid, "state": "ready" if name in record.ready else "starting"}
        for name, process in record.parts.items()
        if running and process.is_alive()
    }
    if arguments.json:
        told = {"running": running, "address": record.address if running else None, "parts": parts}
        print(json.dumps(told, indent=1))  # noqa: T201
    elif running:
        rows = [f"{name:<10}{part['state']:<10}pid {part['pid']}" for name, part in parts.items()]
        print(record.address, *rows, sep="\n")  # noqa: T201
    else:
        print("Nothing runs. Start it with `make demo`.")  # noqa: T201
    return 0 if running else 1


def execute(home: Home, arguments: argparse.Namespace) -> int:
    record = Record.read(home.record)
    if not record.is_running():
        raise StackError("Nothing runs. Start it with `make demo`.")
    if not arguments.command:
        raise StackError("Say which command to run, e.g. `exec -- python manage.py shell`.")
    try:
        os.execvpe(arguments.command[0], arguments.command, env.inherited(record.environment))  # noqa: S606
    except OSError as error:
        raise StackError(f"{arguments.command[0]} cannot be run: {error.strerror}.") from None


def end_leftovers(record: Record) -> None:
    """End what a killed runner left behind. The data services are asked first, so that they close their files."""
    end_all(record.parts.values(), ask=signal.SIGINT, grace=5)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m medaction_site.stack", description="Every process of the demo.")
    commands = parser.add_subparsers(required=True, metavar="command")
    start = commands.add_parser("up", help="start everything and stay in the foreground")
    start.add_argument("--with-parent", action="store_true", help="stop when the process that started this ends")
    start.set_defaults(run=up)
    commands.add_parser("down", help="stop what runs, and what a killed runner left").set_defaults(run=down)
    show = commands.add_parser("status", help="what runs; exit code 1 when nothing does")
    show.add_argument("--json", action="store_true")
    show.set_defaults(run=status)
    run = commands.add_parser("exec", help="run a command with the running stack's settings")
    run.add_argument("command", nargs=argparse.REMAINDER)
    run.set_defaults(run=execute)
    parsed = parser.parse_args(arguments)
    if getattr(parsed, "command", None) and parsed.command[0] == "--":
        parsed.command = parsed.command[1:]
    return parsed


def main() -> int:
    arguments = parse()
    home = Home.locate()
    try:
        return arguments.run(home, arguments)
    except (StackError, ConfigurationError) as error:
        said = str(error)
    except PermissionError as error:
        said = f"{error.filename or home.path} belongs to another user. Run as that user, or set MEDACTION_HOME."
    except KeyboardInterrupt:
        return 130
    print(f"medaction: {said}", file=sys.stderr)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())
