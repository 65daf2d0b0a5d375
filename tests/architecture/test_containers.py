"""The containers' files, checked without an engine: what compose would refuse, and what a reviewer would."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from medaction.inference.release import ReleaseManifest
from medaction.inference.vllm import VERIFIED_VERSION, VllmSettings, vllm_command

from .compose import DOCKER, Variable, compose, example, settings_variables, stages, variables
from .repository import ROOT

SERVICES: dict[str, dict[str, Any]] = compose("compose.yaml")["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
SITE = ("web", "worker", "growth", "beat", "migrate")
SECRETS = {"SECRET_KEY", "POSTGRES_PASSWORD", "VALKEY_PASSWORD", "MODEL_API_KEY"}
SECRET_WORDS = re.compile(r"PASSWORD|SECRET|KEY|TOKEN")
VLLM_IMAGE = f"vllm/vllm-openai:v{VERIFIED_VERSION}"
CADDYFILE = (DOCKER / "Caddyfile").read_text(encoding="utf-8")


def all_variables() -> Iterator[Variable]:
    for path in (DOCKER / "compose.yaml", DOCKER / "vllm" / "lora.yaml"):
        yield from variables(path.read_text(encoding="utf-8"))


def images() -> Iterator[str]:
    yield from (service["image"] for service in SERVICES.values())
    for path in sorted(DOCKER.glob("*Dockerfile")):
        built = stages(path)
        yield from (stage.base for stage in built.values() if stage.base not in built)


def test_images_are_pinned_by_tag() -> None:
    loose = [image for image in images() if not re.search(r":[\w.-]*\d[\w.-]*$", image) or image.endswith(":latest")]
    assert not loose


@pytest.mark.parametrize("target", ["web", "worker", "model"])
def test_images_run_without_root_and_know_their_health(target: str) -> None:
    built = stages(DOCKER / "Dockerfile")
    stage = built[target]
    user = stage.last("USER") or built[stage.base].last("USER")
    assert user
    assert int(user.split(":")[0]) >= 1000
    assert stage.last("HEALTHCHECK")
    assert json.loads(str(stage.last("CMD"))), "exec form, so that signals reach the process"


def test_the_proxy_runs_without_root() -> None:
    assert int(str(stages(DOCKER / "proxy.Dockerfile")["proxy.Dockerfile"].last("USER"))) >= 1000


def test_no_compiler_reaches_an_image() -> None:
    text = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    assert not re.search(r"build-essential|\bgcc\b|\bg\+\+|\bcmake\b|apt-get", text)
    installs = re.findall(r"uv pip install[^&]*", text)
    assert installs
    assert not [install for install in installs if "--no-build " not in install or "--require-hashes" not in install]


def test_images_hold_no_secret() -> None:
    for path in DOCKER.glob("*Dockerfile"):
        for stage in stages(path).values():
            stored = [value for key, value in stage.instructions if key in {"ENV", "ARG"}]
            assert not [value for value in stored if SECRET_WORDS.search(value)]


def test_copied_paths_enter_the_build() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert {"manage.py", "pyproject.toml", "requirements", "medaction", "medaction_site", "diagnosis"} <= allowed
    assert all((ROOT / path).exists() for path in allowed)
    assert "docker/.env" not in allowed


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_health_limits_and_logs(name: str) -> None:
    service = SERVICES[name]
    limits = service["deploy"]["resources"]["limits"]
    assert {"cpus", "memory", "pids"} <= set(limits)
    assert service["logging"]["options"]["max-size"]
    if name == "migrate":
        assert service["restart"] == "no", "runs once; others wait for it to succeed"
        return
    assert service["restart"] == "unless-stopped"
    assert {"test", "interval", "timeout", "retries", "start_period"} <= set(service["healthcheck"])


@pytest.mark.parametrize("name", OURS)
def test_our_services_are_hardened(name: str) -> None:
    service = OURS[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["build"]["context"] == ".."
    file = DOCKER.parent / service["build"]["dockerfile"]
    assert service["build"].get("target", file.name) in stages(file)


def test_services_wait_for_what_they_need() -> None:
    for name in ("web", "worker", "growth", "beat"):
        needs = {service: rule["condition"] for service, rule in SERVICES[name]["depends_on"].items()}
        assert needs == {
            "postgres": "service_healthy",
            "valkey": "service_healthy",
            "migrate": "service_completed_successfully",
        }


def test_profiles_choose_one_model_server_under_one_name() -> None:
    profiles = {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service}
    assert profiles == {"model-cpu": ["cpu"], "model-gpu": ["gpu"]}
    for name in profiles:
        assert SERVICES[name]["networks"] == {"model": {"aliases": ["model"]}}
    assert SERVICES["worker"]["environment"]["MODEL_URL"] == "http://model:8000/v1"
    assert "--enable-prefix-caching" in SERVICES["model-gpu"]["command"]
    assert SERVICES["model-gpu"]["deploy"]["resources"]["reservations"]["devices"][0]["capabilities"] == ["gpu"]


def test_vllm_is_told_everywhere_what_the_command_line_tells_it() -> None:
    """One set of flags: of `medaction serve-model --engine vllm`, checked against the pinned version."""
    plain = ReleaseManifest(name="m", base="/model")
    tuned = replace(plain, adapter=".", adapter_rank=64)
    for file, manifest in (("compose.yaml", plain), ("vllm/compose.yaml", plain), ("vllm/lora.yaml", tuned)):
        service = compose(file)["services"]["model-gpu"]
        given = dict(flag.removeprefix("--").partition("=")[::2] for flag in service["command"])
        ours = [word for word in vllm_command(manifest, DOCKER, VllmSettings()) if word.startswith("--")]
        made = dict(flag.removeprefix("--").partition("=")[::2] for flag in ours)
        assert set(given) - {"model"} == set(made), file
        for name in ("structured-outputs-config", "generation-config", "enable-prefix-caching"):
            assert given[name] == made[name], file
        assert service.get("image", VLLM_IMAGE) == VLLM_IMAGE


def test_vllm_on_its_own_keeps_to_itself() -> None:
    loaded = compose("vllm/compose.yaml")["services"]["model-gpu"]
    assert all(port.startswith("${LISTEN_ADDRESS:-127.0.0.1}:") for port in loaded["ports"])
    used = [
        variable
        for file in ("vllm/compose.yaml", "vllm/lora.yaml")
        for variable in variables((DOCKER / file).read_text(encoding="utf-8"))
    ]
    required = {variable.name for variable in used if variable.required}
    assert required == {"MODEL_API_KEY", "MODEL_NAME"}
    optional = {variable.name for variable in used} - required
    assert example(DOCKER / "vllm") == {**dict.fromkeys(required, True), **dict.fromkeys(optional, False)}


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    networks = compose("compose.yaml")["networks"]
    assert [name for name, options in networks.items() if not options.get("internal")] == ["edge"]
    reach = {name: set(service["networks"]) for name, service in SERVICES.items()}
    assert [name for name, joined in reach.items() if "edge" in joined] == ["proxy"]
    assert not reach["web"] & reach["model-gpu"]
    assert not reach["postgres"] & (reach["proxy"] | reach["model-gpu"] | reach["model-cpu"])
    assert set().union(*reach.values()) == set(networks)


def test_named_volumes_are_declared() -> None:
    mounts = [mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])]
    named = {mount for mount in mounts if re.fullmatch(r"[a-z][a-z-]*", mount)}
    assert named == set(compose("compose.yaml")["volumes"])


def test_secrets_have_no_default() -> None:
    used = list(all_variables())
    assert {variable.name for variable in used} >= SECRETS
    assert not [variable for variable in used if SECRET_WORDS.search(variable.name) and not variable.required]
    for name, service in SERVICES.items():
        plain = [
            f"{name} {key}"
            for key, value in service.get("environment", {}).items()
            if SECRET_WORDS.search(key) and not variables(str(value))
        ]
        assert not plain


def test_the_example_names_every_variable() -> None:
    required = {variable.name for variable in all_variables() if variable.required}
    optional = {variable.name for variable in all_variables()} - required
    assert example() == {**dict.fromkeys(required, True), **dict.fromkeys(optional, False)}
    filled = re.findall(r"^[A-Z_]+=\S+", (DOCKER / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    assert not filled, "no value stands ready in the example"


@pytest.mark.parametrize("name", SITE)
def test_the_site_reads_every_variable_it_is_given(name: str) -> None:
    given = set(SERVICES[name]["environment"])
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS", "MODEL_URL"} <= given
    assert given <= settings_variables()


def test_valkey_keeps_what_it_was_told() -> None:
    command = SERVICES["valkey"]["command"][-1]
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command
    assert "requirepass" in command


def test_the_proxy_never_holds_events_back() -> None:
    site = CADDYFILE.partition("{$SITE_ADDRESS}")[2]
    assert "flush_interval -1" in site
    assert not re.search(r"^\s*encode\b", site, re.MULTILINE), "compression holds small events back"
    assert re.search(r"^\s*tls \{\$TLS\}", site, re.MULTILINE)
    assert re.search(r"handle /metrics\*\s*\{\s*respond 404", site)
    used = set(re.findall(r"\{\$([A-Z_]+)\}", CADDYFILE))
    assert used == set(SERVICES["proxy"]["environment"])


def test_published_ports_match_the_proxy() -> None:
    ports = dict(port.split(":") for port in SERVICES["proxy"]["ports"])
    assert ports == {
        "80": re.findall(r"http_port (\d+)", CADDYFILE)[0],
        "443": re.findall(r"https_port (\d+)", CADDYFILE)[0],
    }


def test_what_is_uploaded_and_exported_is_one_folder_for_all_who_need_it() -> None:
    folder = SERVICES["web"]["environment"]["FILES_FOLDER"]
    for name in ("web", "growth"):
        assert f"files:{folder}" in SERVICES[name]["volumes"]
        assert SERVICES[name]["environment"]["FILES_FOLDER"] == folder


def test_every_queue_has_a_worker() -> None:
    """What the Procfile's workers listen to, the containers' workers listen to."""
    procfile = (ROOT / "Procfile").read_text(encoding="utf-8")
    named = set(re.findall(r"--queues=(\S+)", procfile))
    assert named
    assert named == {word.removeprefix("--queues=") for word in SERVICES["growth"]["command"] if "--queues=" in word}
