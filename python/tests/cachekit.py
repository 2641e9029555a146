"""What the tests of djsession.cache share."""

import functools
import threading

from django.conf import settings
from django.contrib.sessions.backends import cache as djangos
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.db import connections
from django.test import override_settings
from tests import cachesite

from djsession.cache import SessionStore


def each_cache(test):
    """Run a test for each cache, as the one that holds the sessions."""

    @functools.wraps(test)
    def each(self):
        for alias in cachesite.caches:
            with self.subTest(alias), override_settings(SESSION_CACHE_ALIAS=alias):
                test(self)

    return each


def stored(**values):
    """Return the key of a new session."""
    session = SessionStore()
    session.update(values)
    session.save()
    return session.session_key


def items(key):
    """Return what Django's own engine loads."""
    return dict(djangos.SessionStore(key).items())


def at_once(count, work):
    """Run work in so many threads at once. Return the exceptions."""
    errors = []

    def run(i):
        try:
            work(i)
        except Exception as error:
            errors.append(error)
        finally:
            caches[settings.SESSION_CACHE_ALIAS].close()
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


class Unreadable:
    """An object whose pickle can be made but not read."""

    def __reduce__(self):
        return (int, ("no number",))


class Uninstalled(BaseCache):
    """A cache whose client is not installed."""

    def __init__(self, location, params):
        import no_such_client  # noqa: F401
