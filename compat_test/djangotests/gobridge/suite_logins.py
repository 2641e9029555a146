"""The suite "logins": Django's tests of CSRF and logins."""
import contextlib
import sqlite3

from gobridge import session_middleware, sessions, sites
from gobridge.not_applicable import DECLARED, logins  # noqa: F401
from gobridge.wire import BRIDGE

NAME = "CSRF and logins"
LABELS = [
    "csrf_tests", "auth_tests.test_basic", "auth_tests.test_auth_backends", "auth_tests.test_login",
    "auth_tests.test_middleware", "auth_tests.test_views", "auth_tests.test_decorators", "auth_tests.test_mixins",
    "auth_tests.test_context_processors", "auth_tests.test_models.AbstractUserTestCase",
    "auth_tests.test_forms.AuthenticationFormTest", "utils_tests.test_http.URLHasAllowedHostAndSchemeTests",
    "requests_tests.tests.HostValidationTests", "settings_tests.tests.SecureProxySslHeaderTest", "messages_tests",
]

# What Go does not implement, by the prefix of its tests, which are counted and not run.
MISSING = {"messages_tests.": "django.contrib.messages"}

# The operations that count as reaching Go. Every request asks for host and scheme, so those count only in tests of them.
COUNTED = ("csrf", "hash", "auth", "url")
HOSTS = ("requests_tests.", "settings_tests.")


def counts(op):
    kind = op.partition(".")[0]
    return kind in COUNTED and op != "csrf.reset" or kind == "origin" and BRIDGE.test.startswith(HOSTS)


def install():
    BRIDGE.counts, BRIDGE.more_settings = counts, sites.form_settings
    sessions.install()
    session_middleware.install()
    from gobridge import requests
    requests.install()
    from gobridge import csrf_middleware, csrf_tokens
    csrf_tokens.install()
    csrf_middleware.install()
    from gobridge import logins
    logins.install()
    from gobridge import hashers, passwords
    passwords.install()
    hashers.install()


not_applicable = logins


def runs_without_go(name):
    return bool(not_applicable(name))


def missing(test):
    return next((what for prefix, what in MISSING.items() if test.id().startswith(prefix)), None)


def apps_loaded():
    from django.contrib.auth import models, signals
    from gobridge import permissions, redirects
    permissions.install()
    redirects.install()

    # Go sets last_login.
    original = models.update_last_login
    signals.user_logged_in.disconnect(dispatch_uid="update_last_login")

    def update_last_login(sender, user, **kwargs):
        if BRIDGE.not_applicable:
            original(sender, user, **kwargs)
    signals.user_logged_in.connect(update_last_login, weak=False)


def tests_loaded():
    pass


def start_test():
    BRIDGE.call("csrf.reset")


# The database as it was before the first test.
SNAPSHOT = sqlite3.connect(":memory:", check_same_thread=False)


def database():
    from django.db import connections
    return contextlib.closing(sqlite3.connect(str(connections["default"].settings_dict["NAME"]), timeout=30))


def database_made():
    with database() as c:
        c.backup(SNAPSHOT)


def remove_data():
    from django.contrib.contenttypes.models import ContentType
    from django.contrib.sites.models import Site
    with database() as c:
        SNAPSHOT.backup(c)
    ContentType.objects.clear_cache()
    Site.objects.clear_cache()
