"""Settings shared by every environment. What differs between machines comes through ``medaction_site.env``."""

from csp.constants import NONE, SELF

from medaction_site import env

BASE_DIR = env.BASE_DIR

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "channels",
    "csp",
    "django_htmx",
    "django_prometheus",
    "template_partials",
    "diagnosis.apps.DiagnosisConfig",
    "review.apps.ReviewConfig",
    "datasets.apps.DatasetsConfig",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "medaction_site.csp.SitePolicyMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "medaction_site.urls"
ASGI_APPLICATION = "medaction_site.asgi.application"
TASK_APPLICATION = "medaction_site.celery.app"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {
                "clinical": "diagnosis.web.templatetags.clinical",
                "benchmarks": "datasets.web.templatetags.benchmarks",
                "data": "datasets.web.templatetags.data",
                "ranking": "review.web.templatetags.ranking",
                "review": "review.web.templatetags.review",
                "adjudicating": "review.web.templatetags.adjudicating",
                "agreement": "review.web.templatetags.agreement",
            },
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# One pool per process: a Celery process with 200 threads then holds a few connections, not 200.
DATABASES = {"default": env.database(default="postgresql://postgres@127.0.0.1:5432/medaction")}
DATABASES["default"]["OPTIONS"]["pool"] = {
    "min_size": 1,
    "max_size": int(env.number("DATABASE_POOL_SIZE", 12)),
    "timeout": 30,
}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.redis_url(default="redis://127.0.0.1:6379/0")
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "medaction-doorbell"},
    },
}

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT = "medaction_site.broker:Transport"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "medaction"
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_keepalive": True, "health_check_interval": 10}
CELERY_TIMEZONE = "UTC"

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_REDIRECT_URL = "/cases/"
LOGIN_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "medaction_site.accounts.ClosedSignupAdapter"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

CONTENT_SECURITY_POLICY = {
    # The admin (django-unfold) runs Alpine, which needs eval; medaction_site.csp relaxes it there and nowhere else.
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    },
}

UNFOLD = {
    "SITE_TITLE": "MedAction administration",
    "SITE_HEADER": "MedAction",
    "SITE_SUBHEADER": "Education and research only. Not for patient care.",
    "SITE_URL": "/cases/",
    "SITE_SYMBOL": "neurology",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": f"/{STATIC_URL.strip('/')}/img/mark.svg"}],
    "SHOW_HISTORY": True,
    "SIDEBAR": {"show_search": True, "show_all_applications": True, "navigation": "datasets.admin.menu.navigation"},
    "SHOW_VIEW_ON_SITE": False,
    "COLORS": {
        "primary": {
            "50": "240 250 249",
            "100": "214 240 238",
            "200": "171 223 219",
            "300": "121 199 194",
            "400": "66 168 163",
            "500": "20 134 130",
            "600": "10 110 108",
            "700": "10 95 95",
            "800": "9 74 74",
            "900": "8 60 60",
            "950": "4 38 38",
        },
    },
}

# Model endpoint: any OpenAI-compatible server. SCRIPTED_MODELS adds deterministic scripts beside it (tests, teaching).
MODEL_URL = env.model_url()
MODEL_NAME = env.text("MODEL_NAME", "SmolLM2-135M-Instruct")
MODEL_LABEL = env.text("MODEL_LABEL", "")
MODEL_API_KEY = env.text("MODEL_API_KEY", "")
# The algorithmic policy, served like a model (`medaction serve-policy kg`).
POLICY_URL = env.model_url("POLICY_URL")
POLICY_API_KEY = env.text("POLICY_API_KEY", "")
# A model that the same server offers with the graph's candidates and tests (`medaction serve-policy assisted`).
ASSISTED_MODEL = env.text("ASSISTED_MODEL", "")
# Further servers, by name: with the two above, the only addresses that a model release may have.
MODEL_ENDPOINTS = env.model_urls()
MODEL_ENDPOINT_KEYS = env.pairs("MODEL_ENDPOINT_KEYS")
SCRIPTED_MODELS = env.words("SCRIPTED_MODELS")
MODEL_TIMEOUTS = {
    "connect": env.number("MODEL_CONNECT_TIMEOUT", 5),
    "first_token": env.number("MODEL_FIRST_TOKEN_TIMEOUT", 30),
    "idle": env.number("MODEL_IDLE_TIMEOUT", 20),
    "total": env.number("MODEL_TOTAL_TIMEOUT", 300),
}
MODEL_MAX_TOKENS = int(env.number("MODEL_MAX_TOKENS", 400))
MODEL_TEMPERATURE = env.number("MODEL_TEMPERATURE", 0.5)

# Live dialogue. Seconds unless said otherwise; docs/guides/configuration.md explains each.
DIAGNOSIS = {
    # With a sweep every 5 s, a killed worker costs its turn at most 17 s.
    "LEASE_SECONDS": env.number("LEASE_SECONDS", 12),
    "HEARTBEAT_SECONDS": env.number("HEARTBEAT_SECONDS", 2),
    "CANCEL_POLL_SECONDS": env.number("CANCEL_POLL_SECONDS", 0.25),
    "SWEEP_SECONDS": env.number("SWEEP_SECONDS", 5),
    "QUEUED_STALE_SECONDS": env.number("QUEUED_STALE_SECONDS", 10),
    "MAX_ATTEMPTS": int(env.number("MAX_ATTEMPTS", 3)),
    "COALESCE_SECONDS": env.number("COALESCE_SECONDS", 0.05),
    "STREAM_MAXLEN": int(env.number("STREAM_MAXLEN", 20_000)),
    "STREAM_TTL_SECONDS": int(env.number("STREAM_TTL_SECONDS", 900)),
    "SSE_MAX_SECONDS": env.number("SSE_MAX_SECONDS", 300),
    "SSE_QUIET_SECONDS": env.number("SSE_QUIET_SECONDS", 2),
    "HORIZON": int(env.number("HORIZON", 5)),
    "DRIVE_HORIZON": int(env.number("DRIVE_HORIZON", 10)),
    "COMPARISON_SECONDS": env.number("COMPARISON_SECONDS", 180),
    "HEALTH_SECONDS": env.number("HEALTH_SECONDS", 60),
}

# Runs and imports. They compute, and dialogue must not wait for that: their worker is another process (docs/adr/0011).
DATASETS = {
    "QUEUE": "medaction-growth",
    "LEASE_SECONDS": env.number("WORK_LEASE_SECONDS", 15),
    "HEARTBEAT_SECONDS": 3.0,
    "SWEEP_SECONDS": env.number("WORK_SWEEP_SECONDS", 5),
    "STALE_SECONDS": env.number("WORK_STALE_SECONDS", 20),
    "MAX_ATTEMPTS": int(env.number("MAX_ATTEMPTS", 3)),
    "CHUNK_CASES": int(env.number("CHUNK_CASES", 10)),
    "UPLOAD_MAX_BYTES": int(env.number("UPLOAD_MAX_MB", 200) * 1024 * 1024),
    "UNPACKED_MAX_BYTES": int(env.number("UNPACKED_MAX_MB", 1024) * 1024 * 1024),
    "ARCHIVE_MAX_FILES": 20_000,
    "IMPORT_MAX_CASES": 50_000,
}
# Expert review. A claim without a sign of life for CLAIM_SECONDS goes back to the queue.
REVIEW = {
    "CLAIM_SECONDS": env.number("REVIEW_CLAIM_SECONDS", 900),
    "SWEEP_SECONDS": env.number("REVIEW_SWEEP_SECONDS", 20),
    # Of a reviewer's claims: drawn uniformly from all open items, and gold items among them.
    "UNIFORM_SHARE": env.number("REVIEW_UNIFORM_SHARE", 0.1),
    "GOLD_SHARE": env.number("REVIEW_GOLD_SHARE", 0.05),
    "SEED": int(env.number("REVIEW_SEED", 0)),
    # To qualify: so many training items (all, where there are fewer), and so large a share of their turns agreeing.
    "TRAINING_ITEMS": int(env.number("REVIEW_TRAINING_ITEMS", 3)),
    "QUALIFY_AT": env.number("REVIEW_QUALIFY_AT", 0.7),
    # Nobody gets more in a week than this times the mean of those who judge then; the first FAIR_FLOOR are free.
    "FAIR_SHARE": env.number("REVIEW_FAIR_SHARE", 3),
    "FAIR_FLOOR": int(env.number("REVIEW_FAIR_FLOOR", 40)),
    # A longer pause between two signs of life is not counted as work.
    "IDLE_SECONDS": 120.0,
    # Figures of agreement are worked out anew so often, if somebody judged meanwhile, where dialogue does not wait.
    "REPORT_SECONDS": env.number("REVIEW_REPORT_SECONDS", 86_400),
    "REPORT_QUEUE": DATASETS["QUEUE"],
}
# Uploads and exports. No address serves it: pages send what somebody may have.
MEDIA_ROOT = env.folder("FILES_FOLDER") or BASE_DIR / ".run" / "files"

# Folder of the compiled knowledge graph, as on the command line; None is the library's own place.
GRAPH_CACHE = env.folder("MEDACTION_CACHE")

LOG_LEVEL = env.text("LOG_LEVEL", "INFO")
