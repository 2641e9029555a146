"""Settings of the shop.

The Go service has to be told SECRET_KEY, USE_TZ, the database, ALLOWED_HOSTS, LOGIN_URL and
LOGIN_REDIRECT_URL, and every setting about sessions, CSRF and passwords that a site changes
from Django's default. Here that is none, unless SHOP_ENGINE names another session engine or
SHOP_EXPIRE_AT_BROWSER_CLOSE is True.
"""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent

# For a demo on one's own machine. A real site has no default key.
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "for the demo only, and known to everybody")
DEBUG = False  # with it, Django would show its own pages for 403 and 404
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",  # the admin's style
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "writer.mark_writer",  # for the panel that shows the session
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "urls"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,  # the admin's templates
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "views.shop",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("SHOP_DATABASE", BASE_DIR / "db.sqlite3"),
    },
}

# Where sessions are: what ../engine.go is to Go.
SHOP_ENGINE = os.environ.get("SHOP_ENGINE", "db")
SESSION_ENGINE = "django.contrib.sessions.backends." + SHOP_ENGINE
if SHOP_ENGINE in ("cache", "cached_db"):
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": os.environ.get("SHOP_REDIS", "redis://127.0.0.1:6379/0"),
        },
    }
if SHOP_ENGINE == "file":
    SESSION_FILE_PATH = os.environ.get("SHOP_SESSION_FILES", BASE_DIR / "sessions")

# Whether a login ends with the browser: what ../main.go is to Go.
SESSION_EXPIRE_AT_BROWSER_CLOSE = os.environ.get("SHOP_EXPIRE_AT_BROWSER_CLOSE") == "True"

USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]

CSRF_FAILURE_VIEW = "views.forbidden"

LOGIN_URL = "/login/"  # Go's page
LOGIN_REDIRECT_URL = "/"

# Without DEBUG, Django would send errors by mail only.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler", "level": "ERROR"}},
    "root": {"handlers": ["console"]},
}
