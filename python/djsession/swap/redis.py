"""Compare and swap in Redis, by a script on one key, as it also works in a cluster."""

import contextlib

from django.core.exceptions import ImproperlyConfigured

from . import Swap as Base
from . import readable

IF_SAME = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end "
STORE = IF_SAME + "redis.call('SET', KEYS[1], unpack(ARGV, 2)) return 1"
REMOVE = IF_SAME + "redis.call('DEL', KEYS[1]) return 1"


class ScriptSwap(Base):
    """A Swap whose token is the stored bytes. Subclasses know the backend's client and encoding."""

    def read(self, key, again=False):
        token = self.client(key).get(self.full_key(key))
        return (None, None) if token is None else (readable(self.decode, token), token)

    def swap(self, key, token, value, timeout):
        age = self.age(timeout)
        if age and age[1] <= 0:  # the backends delete what expires at once
            return self.remove(key, token)
        return self.run(STORE, key, token, self.encode(value), *age)

    def remove(self, key, token):
        return self.run(REMOVE, key, token)

    def run(self, script, key, *args):
        """Run a script. Report whether it wrote.

        It is sent once, also by a client that repeats commands after an error (OPTIONS retry, retry_on_error or
        retry_on_timeout): the first may have taken effect, and the second would report a conflict.
        """
        client, args = self.client(key), (script, 1, self.full_key(key)) + args
        options = getattr(getattr(client, "connection_pool", None), "connection_kwargs", {})
        if not any(options.get(name) for name in ("retry", "retry_on_error", "retry_on_timeout")):
            return bool(client.eval(*args))
        with client.client() as single, once(single.connection):
            return bool(single.eval(*args))


@contextlib.contextmanager
def once(connection):
    """Let a connection send no command a second time."""
    before = connection.retry_on_timeout, getattr(connection, "retry", None)
    connection.retry_on_timeout = False
    if before[1] is not None:  # from redis-py 4.1
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        connection.retry = Retry(NoBackoff(), 0)
    try:
        yield
    finally:
        connection.retry_on_timeout, retry = before
        if retry is not None:
            connection.retry = retry


class RedisSwap(ScriptSwap):
    """The Swap of django.core.cache.backends.redis.RedisCache."""

    def client(self, key):
        return self.cache._cache.get_client(self.full_key(key), write=True)

    def encode(self, value):
        return self.cache._cache._serializer.dumps(value)

    def decode(self, stored):
        return self.cache._cache._serializer.loads(stored)

    def age(self, timeout):
        """Return the arguments of SET for a timeout."""
        seconds = self.cache.get_backend_timeout(timeout)
        return () if seconds is None else ("EX", seconds)


class DjangoRedisSwap(ScriptSwap):
    """The Swap of django_redis.cache.RedisCache with its DefaultClient or SentinelClient."""

    def __init__(self, cache):
        super().__init__(cache)
        names = {base.__module__ + "." + base.__qualname__ for base in type(cache.client).__mro__}
        other = names & {"django_redis.client.herd.HerdClient", "django_redis.client.sharded.ShardClient"}
        if other or "django_redis.client.default.DefaultClient" not in names:
            raise ImproperlyConfigured(
                "djsession: a cache with the CLIENT_CLASS %s cannot compare and swap: let SESSION_CACHE_ALIAS name one with "
                "django_redis.client.DefaultClient or SentinelClient" % type(cache.client).__qualname__
            )

    def full_key(self, key):
        return self.cache.client.make_key(key)

    def client(self, key):
        return self.cache.client.get_client(write=True)

    def encode(self, value):
        return self.cache.client.encode(value)

    def decode(self, stored):
        return self.cache.client.decode(stored)

    def age(self, timeout):
        """Return the arguments of SET for a timeout."""
        return () if timeout is None else ("PX", int(timeout * 1000))
