"""Which parts run, with which command, on which ports, and what every child process is told."""

import hashlib
import os
import shlex
import signal
import sys
from dataclasses import dataclass
from string import Template

from honcho.environ import parse_procfile

from medaction.inference.weights import ADAPTER_NAME, MODEL_LABEL, MODEL_NAME
from medaction_site import env

from . import postgres, valkey
from .external import External, check_database, check_model, check_redis
from .health import http_check, postgres_check, redis_check, worker_check
from .home import Home
from .part import Part
from .ports import LOOPBACK, free_port

USER = "demo"
ADMIN = "demo-admin"


@dataclass(frozen=True, slots=True)
class Plan:
    """``services`` start first, side by side; then ``step``; then ``site``; ``late`` is in no hurry."""

    services: tuple[Part, ...]
    step: Part
    site: tuple[Part, ...]
    late: tuple[Part, ...]
    environment: dict[str, str]
    address: str
    model: str
    admin: str

    def names(self) -> list[str]:
        return [part.name for part in (*self.services, self.step, *self.site, *self.late)]


def make_plan(home: Home) -> Plan:
    """Check what is given from outside, set up what is embedded. Raises `StackError` and `ConfigurationError`."""
    external = External.from_environment()
    variables = {"PYTHON": sys.executable, **_threads()}
    environment = {
        "PYTHONUNBUFFERED": "1",
        # With threads, numpy takes twice the processor for arrays this small, and rounds by how many there are.
        "OPENBLAS_NUM_THREADS": "1",
        "SECRET_KEY": env.text("SECRET_KEY", "") or home.secret("secret_key"),
        "FILES_FOLDER": env.text("FILES_FOLDER", str(home.path / "files")),
    }
    if external.database:
        check_database()
    if external.redis:
        check_redis(external.redis)
    if external.model:
        environment |= {"MODEL_NAME": check_model(external)}

    services = []
    if not external.database:
        services.append(_plan_postgres(home, variables, environment))
    if not external.redis:
        services.append(_plan_valkey(home, variables, environment))
    if not external.model:
        services.append(_plan_model(external, variables, environment))
    late = [] if external.policy else [_plan_policy(external, variables, environment)]
    redis_url = external.redis or environment["REDIS_URL"]
    site = _plan_site(home, variables, redis_url)
    late.append(Part("beat", command("beat", variables)))
    # No check: it computes, and answers nobody meanwhile. What it holds goes to another when it dies.
    late.append(Part("growth", command("growth", variables)))
    # A database that others use gets no administrator whose password is printed on a terminal.
    admin = "" if external.database else ADMIN
    step = (sys.executable, "-m", "medaction_site.stack.prepare", "--user", USER, "--admin", admin)
    return Plan(
        services=tuple(services),
        step=Part("prepare", step, orphan_signal=signal.SIGTERM),
        site=site,
        late=tuple(late),
        environment=environment,
        address=f"http://{LOOPBACK}:{variables['WEB_PORT']}/",
        model=environment.get("MODEL_LABEL") or external.model_label or environment["MODEL_NAME"],
        admin=admin,
    )


def _threads() -> dict[str, str]:
    """Read before anything is set up: a wrong number must not cost a database."""
    # One processor stays free for the pages and the worker: llama.cpp's threads wait for each other, and on a busy
    # machine as many as there are processors answer slower than one fewer.
    spare = max(1, min(8, (os.cpu_count() or 2) - 1))
    defaults = {"MODEL_THREADS": spare, "WORKER_THREADS": 64}
    return {name: str(int(env.number(name, default))) for name, default in defaults.items()}


def _plan_postgres(home: Home, variables: dict[str, str], environment: dict[str, str]) -> Part:
    user = postgres.system_user(home)
    postgres.prepare_cluster(home, user)
    port = free_port(5432)
    variables |= {
        "POSTGRES_BIN": str(postgres.binaries()),
        "POSTGRES_DATA": str(postgres.data_folder(home)),
        "POSTGRES_PORT": str(port),
    }
    environment["DATABASE_URL"] = postgres.url(home, port)
    return Part(
        "postgres",
        command("postgres", variables),
        ready=postgres_check(environment["DATABASE_URL"]),
        vital=True,
        start_seconds=60,
        # "Fast" shutdown: it ends sessions and writes everything down.
        stop_signal=signal.SIGINT,
        orphan_signal=signal.SIGINT,
        user=user,
    )


def _plan_valkey(home: Home, variables: dict[str, str], environment: dict[str, str]) -> Part:
    port = free_port(6379)
    variables |= {"VALKEY_SERVER": str(valkey.binary()), "VALKEY_CONFIG": str(valkey.write_config(home, port))}
    environment["REDIS_URL"] = valkey.url(home, port)
    return Part(
        "valkey",
        command("valkey", variables),
        ready=redis_check(environment["REDIS_URL"]),
        vital=True,
        orphan_signal=signal.SIGTERM,
    )


def _plan_model(external: External, variables: dict[str, str], environment: dict[str, str]) -> Part:
    port = free_port(8080)
    variables |= {"MODEL_PORT": str(port)}
    environment |= {
        "MODEL_URL": f"http://{LOOPBACK}:{port}/v1",
        "MODEL_NAME": external.model_name or MODEL_NAME,
        "MODEL_LABEL": external.model_label or MODEL_LABEL,
    }
    health = http_check(f"http://{LOOPBACK}:{port}/health")
    # Without it the pages still work and say that the model cannot be reached.
    return Part("model", command("model", variables), ready=health, alive=health, required=False)


def _plan_policy(external: External, variables: dict[str, str], environment: dict[str, str]) -> Part:
    port = free_port(8090)
    variables |= {"POLICY_PORT": str(port), "ASSISTED_MODEL_URL": "", "ASSISTED_ADAPTER": ""}
    if not external.model:
        # The adapter was trained for the embedded model, and the graph that offers it candidates is loaded here.
        variables |= {"ASSISTED_MODEL_URL": environment["MODEL_URL"], "ASSISTED_ADAPTER": ADAPTER_NAME}
        environment["ASSISTED_MODEL"] = ADAPTER_NAME
    environment["POLICY_URL"] = f"http://{LOOPBACK}:{port}/v1"
    health = http_check(f"http://{LOOPBACK}:{port}/health")
    # As with the model. It compiles the graph first where nobody has done so yet.
    return Part("policy", command("policy", variables), ready=health, alive=health, required=False, start_seconds=120)


def _plan_site(home: Home, variables: dict[str, str], redis_url: str) -> tuple[Part, ...]:
    web_port = free_port(8000)
    # Several stacks may share one external Redis; a ping must reach our own worker.
    worker = f"medaction-{hashlib.sha256(str(home.path).encode()).hexdigest()[:8]}@{LOOPBACK}"
    variables |= {
        "WEB_PORT": str(web_port),
        "WORKER_NAME": worker,
        "BEAT_SCHEDULE": str(home.path / "beat-schedule"),
    }
    ping = worker_check(redis_url, worker)
    site = f"http://{LOOPBACK}:{web_port}"
    return (
        Part("web", command("web", variables), ready=http_check(f"{site}/readyz"), alive=http_check(f"{site}/healthz")),
        Part("worker", command("worker", variables), ready=ping, alive=ping, relies_on=("valkey",)),
    )


def command(name: str, variables: dict[str, str]) -> tuple[str, ...]:
    """Return a Procfile line's words; they are split before the variables go in, so that a path may hold spaces."""
    line = parse_procfile((env.BASE_DIR / "Procfile").read_text()).processes[name]
    return tuple(Template(word).substitute(variables) for word in shlex.split(line))
