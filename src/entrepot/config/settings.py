"""Django settings. Everything a host may change comes from the environment; docs/guide/install.md lists the names."""

import os
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from entrepot.config import database
from entrepot.config.home import secret_key, secret_keys, state_home

PACKAGE = Path(__file__).resolve().parents[1]
HOME = state_home()

# --- the host -------------------------------------------------------------------------------------------------
DEBUG = os.environ.get("ENTREPOT_DEBUG") == "1"
PUBLIC_HOSTS = [host for host in os.environ.get("ENTREPOT_HOSTS", "").split(",") if host]
HTTPS = bool(PUBLIC_HOSTS) and os.environ.get("ENTREPOT_HTTPS", "1") == "1"
SECRET_KEY = secret_key()
SECRET_KEYS = secret_keys()  # credentials at rest; see core/secrets.py
PRIVATE_SHOPS = (
    os.environ.get("ENTREPOT_PRIVATE_SHOPS") == "1"
)  # may accounts name addresses of our own network?
ALLOWED_HOSTS = [*PUBLIC_HOSTS, "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in PUBLIC_HOSTS]
DEMO_LOGINS = (
    None if PUBLIC_HOSTS else HOME / "demo-logins.json"
)  # named on the sign-in page of a demo, never in public

# --- the parts ------------------------------------------------------------------------------------------------
ROOMS = (
    "catalog",
    "ledger",
    "logistics",
    "warehouse",
    "customs",
    "payments",
    "orders",
    "fulfilment",
    "channels",
    "insight",
)
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "entrepot.web",
    "entrepot.core",
    *(f"entrepot.domains.{room}" for room in ROOMS),
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "django_htmx",
    "csp",
    "ninja",  # its browser files for the page about the API
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "entrepot.core.api.middleware.ApiMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "entrepot.config.urls"
WSGI_APPLICATION = "entrepot.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "entrepot.web.context.shell",
            ],
            "builtins": ["entrepot.web.templatetags.entrepot"],
        },
    }
]

# --- records --------------------------------------------------------------------------------------------------
DATABASES = {"default": database.settings(os.environ)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
MEDIA_ROOT = HOME / "media"
WORLD_ROOT = HOME / "worlds"
MART_ROOT = HOME / "marts"  # facts as Parquet; see domains/insight
REPLAY_WORKERS = int(os.environ.get("ENTREPOT_REPLAY_WORKERS", "0"))  # processes of a replay; 0: a core each

# --- people ---------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "entrepot.core.roles.RoleBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "entrepot.web.accounts.ClosedAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_RATE_LIMITS = {"login_failed": False}  # axes counts failures, in the database, for all processes
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Entrepôt"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "entrepot.web.accounts.typed_login"
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_IPWARE_PROXY_COUNT = int(os.environ.get("ENTREPOT_PROXIES", "0"))
AXES_VERBOSE = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SMTP_HOST = os.environ.get("ENTREPOT_SMTP_HOST", "")
EMAIL_BACKEND = os.environ.get(
    "ENTREPOT_EMAIL_BACKEND", f"django.core.mail.backends.{'smtp' if SMTP_HOST else 'console'}.EmailBackend"
)
EMAIL_HOST = SMTP_HOST or "localhost"
EMAIL_USE_SSL = os.environ.get("ENTREPOT_SMTP_TLS", "starttls") == "ssl"
EMAIL_USE_TLS = os.environ.get("ENTREPOT_SMTP_TLS", "starttls") == "starttls"
EMAIL_PORT = int(os.environ.get("ENTREPOT_SMTP_PORT", "465" if EMAIL_USE_SSL else "587"))
EMAIL_HOST_USER = os.environ.get("ENTREPOT_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("ENTREPOT_SMTP_PASSWORD", "")
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("ENTREPOT_MAIL_FROM", "entrepot@localhost")
PUBLIC_URL = f"http{'s' if HTTPS else ''}://{PUBLIC_HOSTS[0]}" if PUBLIC_HOSTS else ""  # for links in mails

# --- the browser ----------------------------------------------------------------------------------------------
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],  # Tabler's check marks and arrows are data: images
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATIC_IS_BUILT = os.environ.get("ENTREPOT_STATIC") == "built"  # `entrepot serve` hashes and compresses first
WHITENOISE_USE_FINDERS = not STATIC_IS_BUILT
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_IS_BUILT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# hosts of one's own network that webhooks may be sent to all the same; see core/webhooks/addresses.py
WEBHOOK_PRIVATE_HOSTS = [
    host for host in os.environ.get("ENTREPOT_WEBHOOK_PRIVATE_HOSTS", "").split(",") if host
]
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

# --- words and time -------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
USE_I18N = True
USE_TZ = True  # stored in UTC
TIME_ZONE = os.environ.get("ENTREPOT_TIME_ZONE", "Asia/Shanghai")  # shown in the company's time

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("ENTREPOT_LOG", "WARNING")},
}
