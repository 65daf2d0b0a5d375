"""A stack started the way a user starts it, in a data folder of its own, and the processes that belong to it."""

import http.client
import http.cookiejar
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, Self

import psutil

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 100
# What the surrounding test run may have set, and a user's machine has not.
FOREIGN = ("DATABASE_URL", "REDIS_URL", "MODEL_", "POLICY_", "SECRET_KEY", "DJANGO_SETTINGS_MODULE", "SCRIPTED_MODELS")


def environment(home: Path, **given: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return {**clean, "MEDACTION_HOME": str(home), **given}


def run_stack(home: Path, *arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the stack that ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "medaction_site.stack", *arguments],
        cwd=ROOT,
        env=environment(home, **given),
        capture_output=True,
        text=True,
        timeout=60,
    )


def processes_of(home: Path) -> list[psutil.Process]:
    """Every living process that was started for this data folder, whoever its parent is now."""
    found = []
    for process in psutil.process_iter():
        try:
            ours = process.environ().get("MEDACTION_HOME") == str(home) and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            continue
        if ours and process.pid != os.getpid():
            found.append(process)
    return found


def wait_until(what: Any, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not what():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


class RunningStack:
    """``make demo`` without make. Leaving the block ends it, hard if need be."""

    def __init__(self, home: Path, **given: str) -> None:
        self.home = home
        self._output = home.with_name(home.name + ".out")
        with self._output.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "medaction_site.stack", "up", "--with-parent"],
                cwd=ROOT,
                env=environment(home, **given),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> Self:
        try:
            self.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for process in processes_of(self.home):
            process.kill()

    @property
    def output(self) -> str:
        return self._output.read_text(errors="replace")

    def wait_until_ready(self) -> None:
        shown = wait_until(lambda: self._box("Password") or self.process.poll() is not None, START_SECONDS)
        assert shown, f"not ready after {START_SECONDS} s:\n{self.output}"
        assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.output}"

    @property
    def address(self) -> str:
        return self._box("Open")

    @property
    def password(self) -> str:
        return self._box("Password")

    def _box(self, label: str) -> str:
        match = re.search(rf"^│ {label} +(\S+)", self.output, re.MULTILINE)
        return match[1] if match else ""

    def parts(self) -> dict[str, Any]:
        return json.loads(run_stack(self.home, "status", "--json").stdout)["parts"]

    def answers(self, path: str = "accounts/login/") -> bool:
        try:
            with urllib.request.urlopen(self.address + path, timeout=10) as response:
                return response.status == 200
        except (OSError, http.client.HTTPException):
            return False

    def log_in(self, user: str = "demo", then: str = "") -> str:
        """Log in through the page's own form, go on to ``then``; return the address where that leads."""
        cookies = http.cookiejar.CookieJar()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
        login = self.address + "accounts/login/"
        page = browser.open(login, timeout=20).read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, "the login page has no form"
        form = {"csrfmiddlewaretoken": token[1], "login": user, "password": self.password}
        request = urllib.request.Request(login, urllib.parse.urlencode(form).encode(), {"Referer": login})
        arrived = browser.open(request, timeout=20)
        return browser.open(self.address + then, timeout=20).url if then else arrived.url
