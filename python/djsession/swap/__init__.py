"""Compare and swap in Django's caches.

``of(cache)`` returns the `Swap` of one of Django's cache backends. It stores exactly the bytes that
the backend itself stores, under the same key, so that Django's own engine and Go read them.
"""

from importlib import import_module

from django.core.exceptions import ImproperlyConfigured

# The backends, or base classes of them, with module and class of their Swap.
BACKENDS = {
    "django.core.cache.backends.redis.RedisCache": "redis.RedisSwap",
    "django_redis.cache.RedisCache": "redis.DjangoRedisSwap",
    "django.core.cache.backends.memcached.PyMemcacheCache": "memcached.PyMemcacheSwap",
    "django.core.cache.backends.memcached.PyLibMCCache": "memcached.PyLibMCSwap",
    "django.core.cache.backends.memcached.MemcachedCache": "memcached.PythonMemcachedSwap",
    "django.core.cache.backends.db.DatabaseCache": "database.DatabaseSwap",
    "django.core.cache.backends.filebased.FileBasedCache": "files.FileSwap",
    "django.core.cache.backends.locmem.LocMemCache": "memory.MemorySwap",
}


class Unreadable(Exception):
    """What is stored is not what the cache's backend stores. The text does not tell what it is."""

    def __init__(self):
        super().__init__("djsession: a session in the cache cannot be read")


def readable(decode, stored):
    """Return decode(stored), or raise Unreadable."""
    try:
        return decode(stored)
    except Exception:  # what it raises depends on what is stored
        raise Unreadable from None


class Swap:
    """Compare and swap in one cache. Keys are as for the cache's own methods, without prefix and version.

    A token stands for what was stored when it was read; it is valid for this key, in any process.
    An expired value counts as absent. If the cache fails, the methods raise what its client raises;
    then it is unknown whether a write took effect.
    """

    def __init__(self, cache):
        self.cache = cache

    def full_key(self, key):
        """Return the key that the backend stores under."""
        key = self.cache.make_key(key)
        self.cache.validate_key(key)
        return key

    def read(self, key, again=False):
        """Return the value and its token, or (None, None) if there is none. Raise Unreadable if it cannot be read.

        The read goes to the server or database that writes go to. `again` is set after a conflict: inside
        a transaction it sees what others have committed meanwhile.
        """
        raise NotImplementedError

    def swap(self, key, token, value, timeout):
        """Store value for timeout seconds if what is stored is what token stands for. Report whether it was."""
        raise NotImplementedError

    def remove(self, key, token):
        """Remove what is stored if it is what token stands for. Report whether it was."""
        raise NotImplementedError

    def add(self, key, value, timeout):
        """Store value for timeout seconds if the key is not in use. Report whether it was stored."""
        return self.cache.add(key, value, timeout)

    def delete(self, key):
        """Remove whatever is stored."""
        self.cache.delete(key)


def of(cache):
    """Return the Swap of a cache, or raise ImproperlyConfigured if its backend has none."""
    for base in type(cache).__mro__:
        name = BACKENDS.get(base.__module__ + "." + base.__qualname__)
        if name:
            module, _, cls = name.partition(".")
            return getattr(import_module(__name__ + "." + module), cls)(cache)
    backend = type(cache).__module__ + "." + type(cache).__qualname__
    raise ImproperlyConfigured(
        "djsession: the cache backend %s cannot compare and swap: let SESSION_CACHE_ALIAS name a cache with one of "
        "the backends %s, or use SESSION_ENGINE = 'djsession.db'" % (backend, ", ".join(sorted(BACKENDS)))
    )
