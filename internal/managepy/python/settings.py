"""The settings of the project, each as its repr, for package sitesettings."""

import importlib
import os

import django
from django.conf import settings as site
from django.utils.functional import Promise
from djsession_worker import method

# What sessions, logins, forms and messages depend on. A trailing * stands for any ending.
NAMES = """
    SECRET_KEY SECRET_KEY_FALLBACKS SESSION_* CSRF_* AUTH* LOGIN_* LOGOUT_REDIRECT_URL
    USE_TZ TIME_ZONE DATABASES DATABASE_ROUTERS CACHES MIDDLEWARE PASSWORD_HASHERS MESSAGE_*
    ALLOWED_HOSTS USE_X_FORWARDED_HOST USE_X_FORWARDED_PORT SECURE_PROXY_SSL_HEADER
    DATA_UPLOAD_MAX_NUMBER_FIELDS DEFAULT_HASHING_ALGORITHM DEBUG INSTALLED_APPS
    DJANGO_REDIS_IGNORE_EXCEPTIONS
""".split()


def wanted(name):
    return any(name == n or n.endswith("*") and name.startswith(n[:-1]) for n in NAMES)


def plain(value):
    """Returns value with lazy texts, paths and subclasses replaced by what they stand for."""
    if isinstance(value, Promise):
        return str(value)
    if type(value).__name__ == "SimpleLazyObject":
        value = value.__reduce__()[1][0]
    if value is None or isinstance(value, bool):
        return value
    for kind in (str, bytes, int, float):
        if isinstance(value, kind):
            return kind.__new__(kind, value) if type(value) is not kind else value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, dict):
        return {plain(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(v) for v in value]
    if callable(value) and hasattr(value, "__qualname__"):
        return value.__module__ + "." + value.__qualname__
    return value


def databases():
    from django.db import connections

    found = {}
    for alias in connections:
        entry = dict(connections[alias].settings_dict)
        name = plain(entry.get("NAME"))
        if entry["ENGINE"].endswith("sqlite3") and name and not name.startswith((":memory:", "file:")):
            name = os.path.abspath(name)
        entry["NAME"] = name
        found[alias] = entry
    return found


def login_url(value):
    """Returns the address that a name of a URL pattern stands for."""
    from django.shortcuts import resolve_url

    try:
        return resolve_url(value)
    except Exception:
        return value


def user_model():
    from django.contrib.auth import get_user_model
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.db import router
    from django.db.models import Manager

    user = get_user_model()
    model = user._meta.get_field("password").model  # of several tables, the one with the password
    columns = {f.name: f.column for f in model._meta.concrete_fields}
    found = {
        "label": user._meta.label,
        "database": router.db_for_write(user),
        "table": model._meta.db_table,
        "id": model._meta.pk.column,
        "key": model._meta.pk.get_internal_type(),
        "username": user.USERNAME_FIELD,
        "columns": columns,
        "hash": defined_by(user, "get_session_auth_hash", AbstractBaseUser),
        "queryset": defined_by(type(user._default_manager), "get_queryset", Manager),
    }
    if model._meta.pk.remote_field:
        found["key"] = model._meta.pk.target_field.get_internal_type()
    return found


def defined_by(cls, name, base):
    """Returns the path of the class that defines a method, None if base or one below it does."""
    for c in cls.__mro__:
        if name in vars(c):
            return None if issubclass(base, c) else c.__module__ + "." + c.__qualname__
    return None


def session_store():
    store = importlib.import_module(site.SESSION_ENGINE).SessionStore
    found = {"class": store.__qualname__, "base": None, "salt": None, "cache_key_prefix": None}
    for c in store.__mro__:
        if c.__module__.startswith("django.contrib.sessions.backends.") and not c.__module__.endswith(".base"):
            found["base"] = c.__module__
            break
    instance = store(None)
    salt = getattr(instance, "key_salt", None)
    if salt not in (None, "django.contrib.sessions." + store.__qualname__):
        found["salt"] = plain(salt)
    prefix = getattr(instance, "cache_key_prefix", None)
    if prefix not in (None, (found["base"] or "").replace(".backends", "")):
        found["cache_key_prefix"] = plain(prefix)
    return found


def session_model():
    from django.db import router

    store = importlib.import_module(site.SESSION_ENGINE).SessionStore
    if not hasattr(store, "get_model_class"):
        return None
    model = store.get_model_class()
    known = ("session_key", "session_data", "expire_date")
    return {
        "label": model._meta.label,
        "database": router.db_for_write(model),
        "table": model._meta.db_table,
        "key_length": model._meta.get_field("session_key").max_length,
        "extra": [f.column for f in model._meta.concrete_fields if f.name not in known],
    }


@method
def settings():
    """Returns the settings by name; those in lower case are not settings of Django's."""
    found = {}
    for name in dir(site):
        if name.isupper() and wanted(name):
            found[name] = plain(getattr(site, name))
    found["DJANGO_VERSION"] = django.get_version()
    found["DATABASES"] = plain(databases())
    for name in ("LOGIN_URL", "LOGIN_REDIRECT_URL"):
        found[name] = plain(login_url(found[name]))
    problems = {}
    for name, get in (("USER_MODEL", user_model), ("SESSION_STORE", session_store), ("SESSION_MODEL", session_model)):
        try:
            found[name] = plain(get())
        except Exception as e:  # no django.contrib.auth, for example
            problems[name] = type(e).__name__
    found["PROBLEMS"] = problems
    return {name: repr(value) for name, value in found.items()}
