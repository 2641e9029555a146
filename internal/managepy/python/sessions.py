"""Sessions, through the project's own SESSION_ENGINE.

Data is JSON as Python writes it, which has NaN and integers of any size; it travels as text.
"""

import json
import logging
from importlib import import_module

from django.conf import settings

from djsession_worker import method


def store(key=None):
    return import_module(settings.SESSION_ENGINE).SessionStore(key)


class Corrupted(logging.Handler):
    """Notes whether Django logs, while it loads, that the session data is corrupted."""

    def __enter__(self):
        self.seen = False
        self.logger = logging.getLogger("django.security.SuspiciousSession")
        self.logger.addHandler(self)
        return self

    def __exit__(self, *_):
        self.logger.removeHandler(self)

    def emit(self, record):
        self.seen = True


def load(key):
    """Loads a session. Gives the store, its dict or None if there is no such session, and
    whether Django finds its data corrupted."""
    session = store(key)
    with Corrupted() as corrupted:
        data = session.load()
    # Some engines start a new session where there is none.
    if session.session_key == key and not session.modified:
        session._session_cache = data
        return session, data, corrupted.seen
    if session.session_key not in (None, key):
        session.delete()
    return session, None, corrupted.seen


def existing(key):
    session, data, _ = load(key)
    if data is None:
        raise LookupError("Django finds no such session, or it has expired")
    return session


def exact(value):
    """Reports whether JSON gives the value back with its type."""
    kind = type(value)
    if kind is dict:
        return all(type(name) is str and exact(item) for name, item in value.items())
    if kind is list:
        return all(map(exact, value))
    return value is None or kind in (bool, int, float, str)


def type_name(value):
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else kind.__module__ + "." + kind.__qualname__


@method
def session_settings():
    return {"engine": settings.SESSION_ENGINE, "cookie": settings.SESSION_COOKIE_NAME}


@method
def session_create(data=None, expiry=None):
    """Stores a session and gives its key. data is JSON text or a dict, expiry a number of
    seconds from the last change, 0 for until the browser closes."""
    session = store()
    session.update(json.loads(data) if isinstance(data, str) else data or {})
    if expiry is not None:
        session.set_expiry(expiry)
    session.save()
    return {"key": session.session_key}


@method
def session_load(key):
    """Gives what Django finds under a key. data is JSON text with all values that JSON can
    hold, in their order; others has the types of the others by name."""
    session, data, corrupted = load(key)
    result = {"found": data is not None, "corrupted": corrupted}
    if data is not None:
        result["data"] = json.dumps({name: value for name, value in data.items() if type(name) is str and exact(value)})
        result["others"] = {str(name): type_name(value) for name, value in data.items() if type(name) is not str or not exact(value)}
        result["age"] = session.get_expiry_age()
        result["browser_close"] = session.get_expire_at_browser_close()
    return result


@method
def session_set(key, data):
    """Sets values in a session and gives its key, which only signed_cookies changes. data is
    JSON text or a dict."""
    session = existing(key)
    session.update(json.loads(data) if isinstance(data, str) else data)
    session.save()
    return {"key": session.session_key}


@method
def session_unset(key, names):
    session = existing(key)
    for name in names:
        session.pop(name, None)
    session.save()
    return {"key": session.session_key}


@method
def session_delete(key):
    store(key).delete()


@method
def session_exists(key):
    return load(key)[1] is not None
