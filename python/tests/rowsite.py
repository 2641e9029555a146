"""A Django with session tables for the tests, configured when it is imported.

DJSESSION_TEST_DATABASES is DATABASES as JSON, by default a SQLite file. There is another database, "replica", always in
SQLite, and a cache in files. DJSESSION_TEST_USE_TZ is 0 or 1, DJSESSION_TEST_SERIALIZER the SESSION_SERIALIZER.
"""
import json
import os
import tempfile
import threading

import django
from django.conf import settings
from django.core.management import call_command

directory = tempfile.TemporaryDirectory()


def file(name):
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(directory.name, name), "OPTIONS": {"timeout": 60}}


settings.configure(
    SECRET_KEY="a key for tests only",
    DATABASES=dict(json.loads(os.environ.get("DJSESSION_TEST_DATABASES", "null")) or {"default": file("db")}, replica=file("replica")),
    CACHES={"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
                        "LOCATION": os.path.join(directory.name, "cache")}},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "djsession", "tests"],
    MIGRATION_MODULES={app: None for app in ("contenttypes", "auth", "sessions")},  # tables of the models: quicker
    SESSION_ENGINE="djsession.db",
    SESSION_SERIALIZER=os.environ.get("DJSESSION_TEST_SERIALIZER", "django.contrib.sessions.serializers.JSONSerializer"),
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ROOT_URLCONF="tests.rowviews",
    ALLOWED_HOSTS=["*"],
    USE_TZ=bool(int(os.environ.get("DJSESSION_TEST_USE_TZ", "1"))),
    TIME_ZONE="America/Chicago",
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
)
django.setup()

from django.contrib.sessions.backends import cached_db as djangos_cached, db as djangos  # noqa: E402
from django.db import connections  # noqa: E402

from djsession import cached_db, db  # noqa: E402

for alias in connections:
    call_command("migrate", verbosity=0, database=alias, run_syncdb=True)

ENGINES = {"db": db.SessionStore, "cached_db": cached_db.SessionStore}


def each_engine(test):
    """Run a test for each engine, which it gets as an argument."""
    def each(self):
        for name in ENGINES:
            with self.subTest(name), self.settings(SESSION_ENGINE="djsession." + name):
                test(self, ENGINES[name])
    each.__name__, each.__doc__ = test.__name__, test.__doc__
    return each


def stored(store, **values):
    """Return the key of a new session."""
    session = store()
    session.update(values)
    session.save()
    return session.session_key


def row(key):
    """Return the session as Django's own db engine loads it, with the items in their order."""
    return list(djangos.SessionStore(key).items())


def items(key):
    """Return what Django's own engines load: for cached_db by way of the cache and without, which must be the same."""
    data = dict(row(key))
    if settings.SESSION_ENGINE == "djsession.db":
        return data
    cached = dict(djangos_cached.SessionStore(key).items())
    if cached != data:
        raise AssertionError("the cache has %r, the row %r" % (cached, data))
    return data


def at_once(count, work):
    """Run work(i) in so many threads at once, each with connections of its own. Return the exceptions."""
    errors, ready = [], threading.Barrier(count)

    def run(i):
        try:
            ready.wait()
            work(i)
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[i]) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors
