"""The only reader of ``os.environ``: every setting from outside, typed, with one clear line when it is wrong."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


class ConfigurationError(Exception):
    """A value from the environment cannot be used; the message names the variable and says what would be right."""


def use_settings(module: str) -> None:
    """Choose the settings module unless the environment already names one."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", module)


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise ConfigurationError(f"{name} is not set. Set it in the environment (see docs/guides/configuration.md).")
    return value


def inherited(changes: Mapping[str, str]) -> dict[str, str]:
    """The environment of this process with some values replaced: what a child process is given."""
    return {**os.environ, **changes}


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    lowered = value.strip().lower()
    if lowered in TRUE:
        return True
    if lowered in FALSE:
        return False
    raise ConfigurationError(f"{name} is {value!r}; use 1 or 0.")


def number(name: str, default: float) -> float:
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    try:
        return float(value)
    except ValueError:
        raise ConfigurationError(f"{name} is {value!r}; use a number.") from None


def folder(name: str) -> Path | None:
    """A folder, which need not exist yet; None when nothing is set."""
    value = os.environ.get(name, "").strip()
    if not value:
        return None
    path = Path(value).expanduser()
    if path.exists() and not path.is_dir():
        raise ConfigurationError(f"{name} is {value!r}, which is a file; name a folder.")
    return path


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


def database(name: str = "DATABASE_URL", default: str | None = None) -> dict[str, Any]:
    """Turn ``postgresql://user:password@host:port/name?option=value`` into one entry of Django's ``DATABASES``."""
    url = text(name, default)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigurationError(f"{name} is not a URL with a numeric port.") from None
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ConfigurationError(f"{name} must look like postgresql://user:password@host:5432/name.")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "OPTIONS": query,
    }


def redis_url(name: str = "REDIS_URL", default: str | None = None) -> str:
    url = text(name, default)
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ConfigurationError(f"{name} is not a URL with a numeric port.") from None
    if parts.scheme not in {"redis", "rediss", "unix"} or not (parts.hostname or parts.path):
        raise ConfigurationError(f"{name} must look like redis://host:6379/0.")
    return url


def model_url(name: str = "MODEL_URL") -> str:
    """Base address of an OpenAI-compatible server; empty when none is configured."""
    url = os.environ.get(name, "").strip()
    return _model_address(name, url) if url else ""


def model_urls(name: str = "MODEL_ENDPOINTS") -> dict[str, str]:
    """``name=address`` pairs, separated by commas: further servers whose models may be released."""
    return {given: _model_address(f"{name}: {given}", url) for given, url in pairs(name).items()}


def pairs(name: str) -> dict[str, str]:
    """``name=value`` pairs, separated by commas."""
    found: dict[str, str] = {}
    for word in words(name):
        key, sign, value = (part.strip() for part in word.partition("="))
        if not (key and sign and value):
            raise ConfigurationError(f"{name} must look like name=value,other=value.")
        if key in found:
            raise ConfigurationError(f"{name} names “{key}” twice.")
        found[key] = value
    return found


def _model_address(name: str, url: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ConfigurationError(f"{name} is not a URL with a numeric port.") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigurationError(f"{name} must look like http://host:8000/v1.")
    if parts.username or parts.password:
        raise ConfigurationError(f"{name} must not contain a password; use MODEL_API_KEY.")
    return url.rstrip("/")
