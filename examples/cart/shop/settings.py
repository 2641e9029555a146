"""Settings of the shop.

The Go service has to be told SECRET_KEY, USE_TZ, the database, ALLOWED_HOSTS, LOGIN_URL and
LOGIN_REDIRECT_URL, and every setting about sessions, CSRF and passwords that a site changes
from Django's default. Here that is none.
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
    "writer.mark_writer",  # for the strip that shows the session
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

USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"

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
