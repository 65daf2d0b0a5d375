"""One machine, embedded services. The stack runner writes a secret key of its own into the data folder."""

from .base import *  # noqa: F403
from .base import env

DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")

# Static files are served from where they are written: one machine has nothing to collect.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
