"""The system checks of the engine djsession.cache."""

from importlib import import_module

from django.conf import settings
from django.core import checks
from django.core.cache import InvalidCacheBackendError, caches
from django.core.exceptions import ImproperlyConfigured

from . import of


def check_cache(app_configs=None, **kwargs):
    """Check the cache of SESSION_CACHE_ALIAS, if SESSION_ENGINE is djsession.cache or derives from it.

    E020: there is no such cache, or its backend cannot be imported. E021: it cannot compare and swap.
    """
    from djsession.cache import SessionStore

    try:
        if not issubclass(import_module(settings.SESSION_ENGINE).SessionStore, SessionStore):
            return []
    except (ImportError, AttributeError):  # which Django reports
        return []
    alias = settings.SESSION_CACHE_ALIAS
    try:
        of(caches[alias])
        getattr(caches[alias], "_cache", None)  # imports the client of Django's RedisCache
    except (InvalidCacheBackendError, ImportError) as error:  # the latter for a client that is not installed
        hint = "Let SESSION_CACHE_ALIAS name an entry of CACHES (%s), and install what its BACKEND needs." % ", ".join(sorted(settings.CACHES))
        return [checks.Error("The session cache %r cannot be used: %s" % (alias, error), hint=hint, id="djsession.E020")]
    except ImproperlyConfigured as error:
        message, _, hint = str(error).partition(": let ")
        message, hint = (message, "Let " + hint + ".") if hint else (str(error), None)
        return [checks.Error(message.replace("djsession: ", "", 1), hint=hint, id="djsession.E021")]
    return []
