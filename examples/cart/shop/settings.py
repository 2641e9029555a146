"""Settings of the shop.

The Go service has to be told SECRET_KEY, USE_TZ and the database, and every SESSION_*
setting that a site changes from Django's default. Here that is none.
"""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent

# For a demo on one's own machine. A real site has neither a default key nor DEBUG.
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "for the demo only, and known to everybody")
DEBUG = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "urls"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
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

LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
