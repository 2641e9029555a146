"""System checks of the settings that the engines depend on. The ids are djsession.E001 and so on."""
from importlib import import_module

from django.conf import settings
from django.contrib.sessions.backends import cached_db, db
from django.core.checks import Error, Warning
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.utils.module_loading import import_string

from .base import Merging

# Caches that no other process can read.
PRIVATE = ("django.core.cache.backends.locmem.LocMemCache", "django.core.cache.backends.dummy.DummyCache")
SAMPLE = {"number": 1, "text": "é", "list": [None, True, 1.5], "dict": {"key": "value"}}


def check_settings(app_configs=None, **kwargs):
    """Return what is wrong with SESSION_ENGINE, SESSION_SERIALIZER, SESSION_CACHE_ALIAS and the session model."""
    try:
        store = import_module(settings.SESSION_ENGINE).SessionStore
    except (ImportError, AttributeError, ValueError) as error:
        return [Error("SESSION_ENGINE cannot be imported: %s" % error, id="djsession.E001",
                      hint='Set SESSION_ENGINE to "djsession.db", "djsession.cached_db" or "djsession.cache".')]
    if not issubclass(store, Merging):
        return [Warning("djsession is installed, but SESSION_ENGINE is %r" % settings.SESSION_ENGINE, id="djsession.W001",
                        hint='Set it to "djsession.db", "djsession.cached_db" or "djsession.cache", so that no update is '
                             'lost, or remove "djsession" from INSTALLED_APPS.')]
    found = []
    if issubclass(store, db.SessionStore):
        found += check_model(store)
        found += check_serializer()
    if issubclass(store, cached_db.SessionStore):  # djsession.cache has checks of its own, in swap
        found += check_alias()
    return found


def check_model(store):
    try:
        model = store.get_model_class()
    except (RuntimeError, ImproperlyConfigured) as error:  # the first is Django's, for a model of no installed app
        return [Error("The session model cannot be used: %s" % error, id="djsession.E002",
                      hint='Add "django.contrib.sessions" to INSTALLED_APPS, or the app of your session model.')]
    found = []
    for name in ("session_key", "session_data", "expire_date"):
        try:
            model._meta.get_field(name)
        except FieldDoesNotExist:
            found.append(Error("The session model has no field %r." % name, obj=model, id="djsession.E003",
                               hint="Derive it from django.contrib.sessions.base_session.AbstractBaseSession."))
    return found


def check_serializer():
    try:
        serializer = import_string(settings.SESSION_SERIALIZER)()
        good = serializer.loads(serializer.dumps(SAMPLE)) == SAMPLE
        reason = "it reads something else than it wrote"
    except Exception as error:
        good, reason = False, error
    if good:
        return []
    return [Error("SESSION_SERIALIZER %r does not work: %s" % (settings.SESSION_SERIALIZER, reason), id="djsession.E004",
                  hint="The default is django.contrib.sessions.serializers.JSONSerializer.")]


def check_alias():
    alias = settings.SESSION_CACHE_ALIAS
    if alias not in settings.CACHES:
        return [Error("SESSION_CACHE_ALIAS is %r, and CACHES has no such cache." % alias, id="djsession.E005",
                      hint="Add it to CACHES, or set SESSION_CACHE_ALIAS to one of: %s." % ", ".join(sorted(settings.CACHES)))]
    if settings.CACHES[alias].get("BACKEND") in PRIVATE:
        return [Warning("CACHES[%r] is not shared between processes, so they would see old sessions." % alias,
                        id="djsession.W002", hint="Use Redis or memcached.")]
    return []
