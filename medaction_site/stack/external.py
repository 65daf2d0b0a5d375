"""Addresses from the environment that replace an embedded part: checked before anything starts, one line when wrong."""

import asyncio
from dataclasses import dataclass

from medaction.handshakes import HandshakeError, greet_redis
from medaction_site import env

from .errors import StackError

PATIENCE_SECONDS = 5
OLDEST_POSTGRES = 140000
MAY_CREATE = "select has_schema_privilege(current_schema(), 'CREATE')"


@dataclass(frozen=True, slots=True)
class External:
    """Addresses as given; empty means: start the embedded one."""

    database: str
    redis: str
    model: str
    policy: str
    model_name: str
    model_label: str

    @classmethod
    def from_environment(cls) -> "External":
        """Raises `ConfigurationError` for a value that cannot be an address."""
        database, redis = env.text("DATABASE_URL", ""), env.text("REDIS_URL", "")
        if database:
            env.database()
        if redis:
            env.redis_url()
        return cls(
            database=database,
            redis=redis,
            model=env.model_url(),
            policy=env.model_url("POLICY_URL"),
            model_name=env.text("MODEL_NAME", ""),
            model_label=env.text("MODEL_LABEL", ""),
        )


def check_database() -> None:
    """Log in as the site will, and see that tables can be made. Raises `StackError`."""
    # Loaded only when it is needed, as the model's client below: the embedded demo starts sooner without them.
    import psycopg

    settings = env.database()
    options = settings["OPTIONS"] | {"connect_timeout": PATIENCE_SECONDS}
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    given = {argument: settings[name] for name, argument in names.items() if settings[name]}
    try:
        with psycopg.connect(**given, **options) as connection:
            if connection.info.server_version < OLDEST_POSTGRES:
                raise StackError("DATABASE_URL: this PostgreSQL is too old; version 14 or newer is needed.")
            if not connection.execute(MAY_CREATE).fetchone()[0]:
                raise StackError(f"DATABASE_URL: {connection.info.user} may not create tables there. Grant it CREATE.")
    except psycopg.Error as error:
        raise StackError(f"DATABASE_URL cannot be used: {_reason(str(error))}") from None


def check_redis(url: str) -> None:
    """Raises `StackError`."""
    try:
        greet_redis(url, timeout=PATIENCE_SECONDS)
    except HandshakeError as error:
        raise StackError(f"REDIS_URL cannot be used: {error}.") from None


def check_model(external: External) -> str:
    """Return the name to ask for: the given one, else the first that the server lists. Raises `StackError`."""
    from medaction.inference.errors import ModelError
    from medaction.inference.openai_compatible import OpenAICompatibleModel

    async def ask() -> str:
        key = env.text("MODEL_API_KEY", "")
        model = OpenAICompatibleModel(base_url=external.model, name=external.model_name, api_key=key)
        try:
            health = await model.health()
        finally:
            await model.aclose()
        if not health.ok:
            raise StackError(f"MODEL_URL cannot be used: {health.message}")
        return external.model_name or health.models[0]

    try:
        return asyncio.run(ask())
    except ModelError as error:
        raise StackError(f"MODEL_URL cannot be used: {error.message}") from None


def _reason(message: str) -> str:
    """Return what libpq means, out of the several lines it says."""
    line = message.strip().splitlines()[0]
    for mark in ("FATAL:", "failed:", "error:"):
        line = line.rsplit(mark, 1)[-1].strip() or line
    return line.rstrip(".") + "."
