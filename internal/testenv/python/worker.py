"""A configured Django that answers calls: one JSON document a line on stdin, one on stdout.

The first line configures it: {"settings": {...}, "database": {...}, "packages": path}, the database
being an entry of DATABASES, and the path one to import from (our own package for Django). A call is {"id": 1, "method": "load", "args": {...}}, its answer
{"id": 1, "result": ...} or {"id": 1, "error": {"type": ..., "message": ..., "traceback": ...}}.
The methods are those named in METHODS. Runs on Python 3.7 and later, Django 2.2 and later.
"""

import json
import logging
import os
import sys
import time
import traceback
import warnings

warnings.simplefilter("ignore")


def configure(configuration):
    import django
    from django.conf import settings

    sys.path.append(configuration["packages"])
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    database.update(configuration.get("database") or {})
    database.setdefault("CONN_MAX_AGE", None)
    chosen = {
        "SECRET_KEY": "not a secret",
        "ALLOWED_HOSTS": ["*"],
        "DATABASES": {"default": database},
        "DEFAULT_AUTO_FIELD": "django.db.models.AutoField",
        "INSTALLED_APPS": ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "accounts"],
        "LOGGING_CONFIG": None,
        "ROOT_URLCONF": "testenv_urls",
    }
    chosen.update(configuration.get("settings") or {})
    settings.configure(**chosen)
    # As Django does for a settings module, but not for settings.configure.
    os.environ["TZ"] = settings.TIME_ZONE
    time.tzset()
    logging.getLogger("django").addHandler(logging.NullHandler())
    import clock  # noqa: F401 (before anything takes a copy of Django's own)
    django.setup()
    from django.db.backends.signals import connection_created
    connection_created.connect(hurry)


def hurry(connection, **kwargs):
    # No file outlives the test, so none has to be on the disk.
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous = OFF")


def serve(methods, requests, answers):
    from django.db import close_old_connections

    import judge

    for line in requests:
        call = json.loads(line.decode("ascii"))
        answer = {"id": call["id"]}
        try:
            close_old_connections()  # only those that failed
            answer["result"] = methods[call["method"]](call.get("args") or {})
        except Exception as exception:
            answer["error"] = {"type": judge.name_of(exception), "message": str(exception),
                               "traceback": traceback.format_exc()}
        answers.write(json.dumps(answer).encode("ascii") + b"\n")
        answers.flush()


def main():
    # What Django or a driver prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests = sys.stdin.buffer
    configure(json.loads(requests.readline().decode("ascii")))
    from methods import METHODS

    answers.write(json.dumps({"id": 0, "result": METHODS["info"]({})}).encode("ascii") + b"\n")
    answers.flush()
    serve(METHODS, requests, answers)


main()
