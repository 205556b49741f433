"""All settings, read from the environment. What each variable means stands in .env.example."""

from datetime import timedelta
from pathlib import Path

import django_stubs_ext
import plotly
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from portal.api.configured import KNOX_TOKEN_MODEL, REST_FRAMEWORK, REST_KNOX, SPECTACULAR_SETTINGS  # noqa: F401
from portal.environment import broker_options, database, optional, required, required_secret, secret

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

ENV = optional("ATRIUM_ENV", "production")
if ENV not in {"local", "test", "production"}:
    raise ImproperlyConfigured(f"ATRIUM_ENV is {ENV!r}; it must be local, test or production.")
PRODUCTION = ENV == "production"
DEBUG = False

SECRET_KEY = required_secret("ATRIUM_SECRET_KEY", "Set it to 50 random characters and keep it secret.")
ALLOWED_HOSTS = [host for host in optional("ATRIUM_HOSTS", "localhost,127.0.0.1").split(",") if host]
ANYWHERE = "" if PRODUCTION else "http://127.0.0.1:8000"
SITE_URL = required("ATRIUM_URL", "Set it to the address that people open, like https://atrium.example.com.", ANYWHERE)
CSRF_TRUSTED_ORIGINS = [SITE_URL]

AWS_ENDPOINT_URL = optional("AWS_ENDPOINT_URL", "")
AWS_REGION = optional("AWS_REGION", "eu-central-1")
# Rates towards AWS hold for all processes together, at a statement for each call; "0" has each keep to them alone.
AWS_RATES_SHARED = optional("ATRIUM_AWS_RATES_SHARED", "1") == "1"
# Every call to AWS is written to this file, if it is named: who called what in which account. For tests and audits.
AWS_CALL_LOG = optional("ATRIUM_AWS_CALL_LOG", "")
# The sandbox is an AWS account on this machine: everything made with it is labelled as such on screen.
SANDBOX = bool(AWS_ENDPOINT_URL)
if SANDBOX and PRODUCTION:
    raise ImproperlyConfigured(
        "AWS_ENDPOINT_URL points away from AWS while ATRIUM_ENV is production. Unset it, or run with ATRIUM_ENV=local."
    )

INSTALLED_APPS = [
    "portal",
    "portal.jobs",
    "governance",
    "hub",
    "finops",
    "django.contrib.admin",
    "django.forms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "axes",
    "csp",
    "django_htmx",
    "pgtrigger",
    "rest_framework",
    "portal.lib.api",
    "knox",
    "drf_spectacular",
    "template_partials",
]

MIDDLEWARE = [
    # Outside of everything, so that all of it is timed.
    "portal.lib.latency.LatencyMiddleware",
    "portal.lib.request_id.RequestIdMiddleware",
    # Outside of all that may refuse a request, so that the refusal carries the headers too.
    "portal.lib.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.lib.signing_in.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "governance.refusals.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "portal.lib.navigation.rail",
                "portal.sign_in.cast",
            ],
            "builtins": ["template_partials.templatetags.partials"],
        },
    }
]
FORM_RENDERER = "portal.lib.forms.Renderer"

DATABASES = {
    "default": database(
        required_secret(
            "DATABASE_URL", "Write it as postgresql://user:password@host:5432/name, or start with `make run`."
        ),
        pool_size=int(optional("ATRIUM_DB_POOL", "0")),
    )
}
# The role that the application runs as; migrations (run by the owner) grant to it and revoke from it.
DATABASE_APP_ROLE = optional("ATRIUM_DB_ROLE", "atrium")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "governance.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # refuses while locked, whatever door was taken
    "allauth.account.auth_backends.AuthenticationBackend",
]
# Memory-hard, and several times quicker to check than PBKDF2 at its recommended rounds.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_REDIRECT_URL = "home"
LOGIN_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "portal.sign_in.PortalAccountAdapter"
# Against guessing from many addresses at once; five from one address lock it out, see AXES below.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,30/15m/key"}
# How many proxies add themselves to X-Forwarded-For; what a client wrote there itself stands before them.
ALLAUTH_TRUSTED_PROXY_COUNT = int(optional("ATRIUM_PROXIES", "0"))
AXES_CLIENT_IP_CALLABLE = "portal.lib.client_ip.of"
AXES_USERNAME_FORM_FIELD = "email"
AXES_USERNAME_CALLABLE = "governance.sign_in.address_typed"
AXES_LOCKOUT_CALLABLE = "portal.sign_in.locked"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
# A lock ends when it was said to, however often somebody knocks meanwhile.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_NEVER_LOCKOUT_GET = True
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True  # the audit trail has it
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "login", "email", "next", "csrfmiddlewaretoken"]

# Shared by all processes, so that limits are limits of the whole; portal.migrations makes the table.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "portal_cache"}}

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "/static/"
# Outside production the files are served from where they are, and nothing is collected.
STATIC_ROOT = optional("ATRIUM_STATIC_ROOT", str(BASE_DIR / "staticfiles")) if PRODUCTION else None
STATICFILES_DIRS = [
    BASE_DIR / "static",
    # Plotly's own bundled script, straight from the installed package.
    ("plotly", str(Path(plotly.__file__).parent / "package_data")),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = False

# Plotly writes style attributes with empty values; this is the hash of the empty string.
EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, EMPTY_STYLE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# In the session, not in a third cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "portal.csrf.failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# A load balancer and Prometheus ask these over plain HTTP; the one takes a redirect for a failure.
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    # A browser takes these from this very host over TLS alone. Without TLS it would take neither.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"

# What one request may bring. Nothing takes files, so no part of a form may be one.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 0
FILE_UPLOAD_HANDLERS = ["portal.lib.uploads.RefusingUploadHandler"]

MAIL = "django.core.mail.backends.{}.EmailBackend"
IN_THE_LOG = (
    f"Set it to {MAIL.format('smtp')}, or to {MAIL.format('console')} to have mails and their links in the log."
)
EMAIL_BACKEND = required("ATRIUM_EMAIL_BACKEND", IN_THE_LOG, "" if PRODUCTION else MAIL.format("console"))
DEFAULT_FROM_EMAIL = optional("ATRIUM_EMAIL_FROM", "atrium@localhost")
EMAIL_HOST, EMAIL_PORT = optional("ATRIUM_EMAIL_HOST", "localhost"), int(optional("ATRIUM_EMAIL_PORT", "25"))
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = optional("ATRIUM_EMAIL_USER", ""), secret("ATRIUM_EMAIL_PASSWORD")
EMAIL_USE_SSL, EMAIL_USE_TLS = EMAIL_PORT == 465, EMAIL_PORT == 587
EMAIL_TIMEOUT = 10

BROKER_URL = required_secret("BROKER_URL", "Write it as redis://host:6379/0 or amqp://user:password@host//.")
CELERY_BROKER_URL = BROKER_URL
CELERY_TASK_DEFAULT_QUEUE = "atrium-v1"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 900
CELERY_TASK_SOFT_TIME_LIMIT = 840
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
# No task waits inside the worker (delays are `Job.not_before`), so an idle one may stop at once.
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = False
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE_TYPE = "quorum" if BROKER_URL.startswith("amqp") else None
CELERY_BROKER_TRANSPORT_OPTIONS = broker_options(BROKER_URL)

# Where the head of the audit chain is anchored outside the database: a bucket with Object Lock, name or name/prefix.
AUDIT_BUCKET = optional("ATRIUM_AUDIT_BUCKET", "")
AUDIT_RETENTION_DAYS = int(optional("ATRIUM_AUDIT_RETENTION_DAYS", "400"))
# The first signs, all of them verify; without any the key follows from ATRIUM_SECRET_KEY.
AUDIT_KEYS = [key for key in secret("ATRIUM_AUDIT_KEY").split(",") if key]

# How the outbox keeps time, in seconds (portal.jobs); the fault tests shorten them.
JOB_CLAIM_SECONDS = float(optional("ATRIUM_JOB_CLAIM_SECONDS", "60"))
JOB_HEARTBEAT_SECONDS = float(optional("ATRIUM_JOB_HEARTBEAT_SECONDS", "15"))
JOB_SWEEP_SECONDS = float(optional("ATRIUM_JOB_SWEEP_SECONDS", "2"))
# The longest wait after a first failure; it doubles with each further one.
JOB_RETRY_SECONDS = float(optional("ATRIUM_JOB_RETRY_SECONDS", "5"))

# What each caller of the API may ask: a bucket of API_BURST requests that fills again at the given rate.
API_BURST = int(optional("ATRIUM_API_BURST", "200"))
API_REQUESTS_A_MINUTE = int(optional("ATRIUM_API_REQUESTS_A_MINUTE", "600"))

# Who reads /metrics shows this token; without one only this machine may read them.
METRICS_TOKEN = secret("ATRIUM_METRICS_TOKEN")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "portal.lib.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": optional("ATRIUM_LOG_LEVEL", "INFO")},
    # botocore tells at INFO how it found each endpoint and credential, axes what it counted at each sign-in.
    "loggers": {"botocore": {"level": "WARNING"}, "axes": {"level": "WARNING"}},
}
