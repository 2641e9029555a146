"""The settings of the project, each as its repr, for package sitesettings."""

import importlib
import inspect
import os
from collections.abc import Mapping

import django
from django.conf import settings as site
from django.utils.functional import LazyObject, Promise
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


OPAQUE = object()  # stands for a value whose repr is not a literal


def plain(value):
    """Returns value with lazy objects, paths and subclasses replaced by what they stand for."""
    while isinstance(value, (LazyObject, Promise)):
        _, wrapped = value.__reduce__()
        if isinstance(value, LazyObject):
            value = wrapped[0]
        else:
            function, args, kwargs = wrapped[:3]
            value = function(*args, **kwargs)
    if value is None or isinstance(value, bool):
        return value
    # Not str(value) and so on, which a subclass may override: Django uses the text in it.
    for kind, exact in ((str, str.__str__), (bytes, bytes), (int, int.__int__), (float, float.__float__)):
        if isinstance(value, kind):
            return exact(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return {plain(k): plain(v) for k, v in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(map(plain, value), key=repr)  # the order of a set differs at each start
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if callable(value) and hasattr(value, "__qualname__"):
        return value.__module__ + "." + value.__qualname__
    return OPAQUE


def absolute(path):
    """Returns a path that does not depend on the working directory."""
    return os.path.abspath(path) if path and isinstance(path, str) else path


def databases():
    from django.db import connections

    found = {}
    for alias in connections:
        try:
            entry = plain(connections[alias].settings_dict)
        except Exception:  # its driver is missing, for example
            entry = plain(connections.databases[alias])
        if entry.get("ENGINE", "").endswith("sqlite3") and not str(entry.get("NAME")).startswith((":memory:", "file:")):
            entry["NAME"] = absolute(entry.get("NAME"))
        found[alias] = entry
    return found


def caches():
    found = plain(site.CACHES)
    for entry in found.values():
        if entry.get("BACKEND", "").endswith("FileBasedCache"):
            entry["LOCATION"] = absolute(entry.get("LOCATION"))
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
        "own_table": user._meta.db_table,
        "id": model._meta.pk.column,
        "key": model._meta.pk.get_internal_type(),
        "username": user.USERNAME_FIELD,
        "columns": columns,
        "hash": defined_by(user, "get_session_auth_hash", AbstractBaseUser),
        "check_password": defined_by(user, "check_password", AbstractBaseUser),
        "queryset": defined_by(type(user._default_manager), "get_queryset", Manager),
        "computed": [
            name for name in ("is_active", "is_staff", "is_superuser")
            if name not in columns and not isinstance(inspect.getattr_static(user, name, False), bool)
        ],
    }
    key = model._meta.pk
    while key.remote_field:
        key = key.target_field
    found["key"] = key.get_internal_type()
    return found


def defined_by(cls, name, base):
    """Returns the path of the class that defines a method, None if base or one below it does."""
    for c in cls.__mro__:
        if name in vars(c):
            return None if issubclass(base, c) else c.__module__ + "." + c.__qualname__
    return None


def session_store():
    store = importlib.import_module(site.SESSION_ENGINE).SessionStore
    found = {"class": store.__qualname__, "base": None, "salt": None, "cache_key_prefix": None, "overrides": overridden(store)}
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


# Whose stores this package knows.
KNOWN_STORES = ("django.", "djsession.", "user_sessions.", "qsessions.", "redis_sessions.")


def overridden(store):
    """Returns the methods of a session store that are the site's own, and that decide what is
    stored, and where, and until when."""
    names = (
        "encode", "decode", "load", "create", "save", "exists", "delete", "flush", "cycle_key",
        "get_expiry_age", "get_expiry_date", "get_session_cookie_age", "_hash",
    )
    defines = {name: next((c for c in store.__mro__ if name in vars(c)), object) for name in names}
    return [name for name, c in defines.items() if c is not object and not c.__module__.startswith(KNOWN_STORES)]


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
    found, problems = {}, {}

    def take(name, get):
        try:
            found[name] = plain(get())
        except Exception as e:  # no django.contrib.auth, for example; its text may be secret
            found[name] = OPAQUE
            problems[name] = type(e).__name__

    for name in dir(site):
        if name.isupper() and wanted(name):
            take(name, lambda: getattr(site, name))
    found["DJANGO_VERSION"] = django.get_version()
    take("DATABASES", databases)
    take("CACHES", caches)
    found["SESSION_FILE_PATH"] = absolute(found["SESSION_FILE_PATH"])
    for name in ("LOGIN_URL", "LOGIN_REDIRECT_URL"):
        found[name] = plain(login_url(found[name]))
    for name, get in (("USER_MODEL", user_model), ("SESSION_STORE", session_store), ("SESSION_MODEL", session_model)):
        take(name, get)
    found["PROBLEMS"] = problems
    return {name: repr(value) for name, value in found.items()}
