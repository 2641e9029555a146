"""Compare and swap in memcached, by its commands gets and cas.

A cas that is too large for memcached fails and leaves the old value, unlike a set.
"""

from django.core.exceptions import ImproperlyConfigured

from . import Swap as Base
from . import Unreadable


class MemcachedSwap(Base):
    """A Swap whose token is memcached's. Subclasses know the client library."""

    def read(self, key, again=False):
        value, token = self.gets(self.cache._cache, self.full_key(key))
        if token is None:
            return None, None
        if not int(token):
            raise ImproperlyConfigured("djsession: memcached runs without compare and swap: start it without the option -C")
        if value is None:  # most clients do not raise what unpickling raises
            raise Unreadable
        return value, token

    def swap(self, key, token, value, timeout):
        return self.cas(self.cache._cache, self.full_key(key), value, token, self.cache.get_backend_timeout(timeout))

    def remove(self, key, token):
        # memcached has no conditional delete: an empty item that has expired takes the place.
        return self.cas(self.cache._cache, self.full_key(key), b"", token, -1)

    def delete(self, key):
        if not self.cache.delete(key):  # it was not there, or some clients do not tell that the server is down
            self.gets(self.cache._cache, self.full_key(key))


class PyMemcacheSwap(MemcachedSwap):
    """The Swap of PyMemcacheCache.

    After an error, the client answers for a second as if nothing were stored, and as if every command failed.
    """

    def gets(self, client, key):
        found = client.gets(key)
        if found is None:
            raise ConnectionError("djsession: the memcached of this session was down a moment ago")
        return found

    def cas(self, client, key, value, token, timeout):
        return bool(client.cas(key, value, token, timeout))


class PyLibMCSwap(MemcachedSwap):
    """The Swap of PyLibMCCache."""

    def gets(self, client, key):
        if not client.behaviors["cas"]:
            client.behaviors = {"cas": True}
        # Of a str, gets frees the bytes that it sends before it sends them: it could read what another thread asks for.
        key = key.encode()
        try:
            return client.gets(key)
        except self.cache._lib.Error:
            raise
        except Exception:  # of unpickling
            raise Unreadable from None

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
        token = client.cas_ids.pop(key.encode(), None)
        if token is None and client._get_server(key.encode())[0] is None:  # of which it tells nothing
            raise ConnectionError("djsession: memcached is down")
        return value, token

    def cas(self, client, key, value, token, timeout):
        client.cas_ids[key.encode()] = token  # without one, its cas is a set
        try:
            return bool(client.cas(key, value, timeout))
        finally:
            client.cas_ids.pop(key.encode(), None)
