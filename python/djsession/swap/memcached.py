"""Compare and swap in memcached, by its commands gets and cas.

A cas that is too large for memcached fails and leaves the old value, unlike a set.
"""

from django.core.exceptions import ImproperlyConfigured

from . import Swap as Base


class MemcachedSwap(Base):
    """A Swap whose token is memcached's. Subclasses know the client library."""

    def read(self, key, again=False):
        value, token = self.gets(self.cache._cache, self.full_key(key))
        if token is None:
            return None, None
        if not int(token):
            raise ImproperlyConfigured("djsession: memcached runs without compare and swap: start it without the option -C")
        if value is None:  # pymemcache does not raise what unpickling raises
            raise ValueError("djsession: a session in memcached cannot be read")
        return value, token

    def swap(self, key, token, value, timeout):
        return self.cas(self.cache._cache, self.full_key(key), value, token, self.cache.get_backend_timeout(timeout))

    def remove(self, key, token):
        # memcached has no conditional delete: an empty item that has expired takes the place.
        return self.cas(self.cache._cache, self.full_key(key), b"", token, -1)


class PyMemcacheSwap(MemcachedSwap):
    """The Swap of PyMemcacheCache."""

    def gets(self, client, key):
        return client.gets(key) or (None, None)  # None: a server is down, with ignore_exc

    def cas(self, client, key, value, token, timeout):
        return bool(client.cas(key, value, token, timeout))


class PyLibMCSwap(MemcachedSwap):
    """The Swap of PyLibMCCache."""

    def gets(self, client, key):
        if not client.behaviors["cas"]:
            client.behaviors = {"cas": True}
        # Of a str, gets frees the bytes that it sends before it sends them: it could read what another thread asks for.
        key = key.encode()
        return client.gets(key)

    def cas(self, client, key, value, token, timeout):
        try:
            return client.cas(key, value, token, timeout)
        except self.cache._lib.NotFound:
            return False


class PythonMemcachedSwap(MemcachedSwap):
    """The Swap of MemcachedCache, the backend on python-memcached of Django before 4.1."""

    def gets(self, client, key):
        client.cache_cas = True  # or it notes no tokens
        value = client.gets(key)
        return value, client.cas_ids.pop(key.encode(), None)

    def cas(self, client, key, value, token, timeout):
        client.cas_ids[key.encode()] = token  # without one, its cas is a set
        try:
            return bool(client.cas(key, value, timeout))
        finally:
            client.cas_ids.pop(key.encode(), None)
