"""A Django site that a test controls.

Its first argument is the entry of DATABASES in JSON, the second a command. "migrate" creates the
tables. "text" prints a session's text. "clear" prints a line when it is ready, waits for one, runs
clearsessions and prints how many seconds that took.
"""

import json
import sys
import time

import django
from django.conf import settings

settings.configure(
    SECRET_KEY=sys.argv[3],
    DATABASES={"default": json.loads(sys.argv[1])},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"],
    USE_TZ=True,
    LOGGING_CONFIG=None,
)
django.setup()

from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

if sys.argv[2] == "migrate":
    call_command("migrate", "sessions", interactive=False, verbosity=0)
elif sys.argv[2] == "text":
    print(SessionStore().encode({
        "_auth_user_id": "1234",
        "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
        "_auth_user_hash": "8a2b1c0f" * 8,
        "cart": {"1": 2, "17": 1, "230": 5},
    }))
elif sys.argv[2] == "clear":
    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    start = time.monotonic()
    call_command("clearsessions")
    print(time.monotonic() - start, flush=True)
