"""The test suite: real PostgreSQL and Valkey, quick password hashing, a key that protects nothing."""

from tests.services import start_missing

# Before the base settings read the environment.
start_missing()

from .base import *  # noqa: E402, F403

DEBUG = False
SECRET_KEY = "only-for-tests-" + "x" * 50
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ACCOUNT_RATE_LIMITS = False

# As on one machine: browser tests load scripts and styles from where they are written.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
