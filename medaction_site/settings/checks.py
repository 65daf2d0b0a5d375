"""As deployed, for `make lint`: the same settings, except that nobody waits for a database that is not there."""

from .production import *  # noqa: F403
from .production import DATABASES

del DATABASES["default"]["OPTIONS"]["pool"]
