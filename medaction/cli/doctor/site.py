"""The Django site of a checkout, asked in a process of its own: the library itself knows no Django."""

from __future__ import annotations

import os
import subprocess
import sys

from medaction.cli.doctor.check import Check, Status, Surroundings

# `manage.py check` signs nothing; it only refuses to start without a key.
STAND_IN_KEY = "only-for-checks-" + "x" * 50


def check_site(where: Surroundings) -> Check:
    if where.checkout is None:
        return Check("site", Status.SKIP, "not in a checkout")
    environment = {**os.environ, "SECRET_KEY": os.environ.get("SECRET_KEY") or STAND_IN_KEY}
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, cwd=where.checkout, env=environment, capture_output=True, text=True)
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()] or ["no message"]
    if done.returncode:
        advice = "Run `make setup`, then `.venv/bin/python manage.py check` for all of it."
        return Check("site", Status.FAIL, said[-1].strip(), advice)
    return Check("site", Status.OK, said[-1].strip())
