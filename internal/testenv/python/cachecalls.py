"""Calls about what Django's caches keep sessions in."""

from importlib import import_module

from django.conf import settings
from django.core.cache import caches
from django.core.management import call_command

from methods import method


@method
def createcachetable(args):
    """Makes the tables of all caches in the database."""
    call_command("createcachetable", verbosity=0)


@method
def compress_session(args):
    """{"session_key", "cache" (an alias)}: stores the session again, by pylibmc, compressed."""
    session = import_module(settings.SESSION_ENGINE).SessionStore(args["session_key"])
    cache = caches[args["cache"]]
    client, key = cache._cache, cache.make_key(session.cache_key_prefix + args["session_key"])
    client.set(key, client.get(key), time=3600, min_compress_len=1)


@method
def set_in_cache(args):
    """{"key", "value", "cache" (an alias)}: puts any value where a session would be."""
    caches[args["cache"]].set(args["key"], args["value"], 3600)
