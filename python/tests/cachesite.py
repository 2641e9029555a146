"""A Django with the caches of the tests, configured when it is imported.

DJSESSION_TEST_CACHES is CACHES as JSON, DJSESSION_TEST_DATABASES is DATABASES. By default there are the caches that need
nothing but Django: in memory, in files, and in a SQLite database. USE_TZ and TIME_ZONE are Django's opposite of each other's
default, so that a wrong time shows.
"""

import json
import os
import tempfile

import django
from django.conf import settings
from django.core.management import call_command

directory = tempfile.TemporaryDirectory()
LOCAL = {
    "memory": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "files": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": os.path.join(directory.name, "cache")},
    "database": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache_table"},
}


def key_function(key, prefix, version):
    return "%s/v%s/%s" % (prefix, version, key)


caches = json.loads(os.environ.get("DJSESSION_TEST_CACHES", json.dumps(LOCAL)))
database = {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(directory.name, "db"), "OPTIONS": {"timeout": 60}}
settings.configure(
    SECRET_KEY="a key for tests only",
    CACHES=dict({"default": LOCAL["memory"]}, **caches),
    DATABASES=dict(
        json.loads(os.environ.get("DJSESSION_TEST_DATABASES", json.dumps({"default": database}))),
        other=dict(database, NAME=os.path.join(directory.name, "other")),
    ),
    INSTALLED_APPS=["django.contrib.sessions"],
    SESSION_ENGINE="djsession.cache",
    USE_TZ=bool(int(os.environ.get("DJSESSION_TEST_USE_TZ", "1"))),
    TIME_ZONE="America/Chicago",
    ROOT_URLCONF=[],
)
django.setup()
if not os.environ.get("DJSESSION_TEST_PREPARED"):
    call_command("createcachetable", verbosity=0)
