"""Compare and swap in every cache of cachesite, against what the backends themselves read and write."""

import functools
import pickle
import random
import socket
import threading
import time
import unittest
import uuid

from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from tests import cachesite
from tests.cachekit import Unreadable

from djsession import swap

AGE = 1000
VALUE = {"cart": {"tea": 1, "größe": [1, 2.5, None]}, "empty": {}, "long": "x" * 3000}


def in_memcached(layer):
    return hasattr(layer, "gets")


def memcached(cache, command, key):
    """Return the lines that a memcached answers a command about a key with."""
    host, port = cache._servers[0].rsplit(":", 1)
    with socket.create_connection((host, int(port)), 60) as connection:
        connection.sendall(command.format(swap.of(cache).full_key(key)).encode() + b"\r\nquit\r\n")
        answer = b""
        while True:
            data = connection.recv(1 << 16)
            if not data:
                return answer
            answer += data


def stored(cache, key):
    """Return what a cache stores under a key, as bytes with flags, and for how many seconds."""
    layer = swap.of(cache)
    name = type(layer).__name__
    if in_memcached(layer):
        answer = memcached(cache, "mg {} f t v", key)
        head, _, value = answer.partition(b"\r\n")
        flags, left = head.split()[2:4]
        return (flags, value), int(left[1:])
    value = layer.read(key)[1]
    if "Redis" in name:
        return value, layer.client(key).ttl(layer.full_key(key))
    if "Memory" in name:
        return value, cache._expire_info[layer.full_key(key)] - time.time()
    if "File" in name:
        with open(cache._key_to_file(key), "rb") as file:
            return value, pickle.load(file) - time.time()
    row, _ = layer.execute("SELECT {expires} FROM {table} WHERE {cache_key} = %s", [layer.full_key(key)])
    return value, row[0]


def each_cache(test):
    """Run a test for each cache, with its Swap and a key that nobody else uses."""

    @functools.wraps(test)
    def each(self):
        for alias in cachesite.caches:
            with self.subTest(alias):
                test(self, caches[alias], swap.of(caches[alias]), uuid.uuid4().hex)

    return each


class Caches(unittest.TestCase):
    def seconds(self, a, b):
        """Fail unless two times to live are about equal."""
        difference = a - b
        self.assertLess(abs(getattr(difference, "total_seconds", lambda: difference)()), 60)

    @each_cache
    def test_absent(self, cache, layer, key):
        self.assertEqual(layer.read(key), (None, None))
        self.assertTrue(layer.add(key, VALUE, AGE))
        self.assertFalse(layer.add(key, {}, AGE))
        self.assertEqual(layer.read(key)[0], VALUE)
        layer.delete(key)
        layer.delete(key)
        self.assertEqual(layer.read(key), (None, None))
        self.assertIsNone(cache.get(key))

    @each_cache
    def test_swap(self, cache, layer, key):
        cache.set(key, VALUE, 50)
        value, token = layer.read(key)
        self.assertEqual(value, VALUE)
        changed = dict(VALUE, more=1)
        self.assertIs(layer.swap(key, token, changed, AGE), True)
        self.assertEqual(cache.get(key), changed)
        self.assertIs(layer.swap(key, token, {"stale": 1}, AGE), False)
        self.assertIs(layer.remove(key, token), False)
        self.assertEqual(cache.get(key), changed)

    @each_cache
    def test_bytes(self, cache, layer, key):
        for age in (AGE, 40 * 86400):  # memcached takes more than 30 days for a date
            cache.set(key, VALUE, age)
            theirs, until = stored(cache, key)
            cache.set(key, {}, 5)
            self.assertTrue(layer.swap(key, layer.read(key)[1], VALUE, age))
            ours, then = stored(cache, key)
            self.assertEqual(ours, theirs)
            self.seconds(then, until)

    @each_cache
    def test_same_value(self, cache, layer, key):
        cache.set(key, VALUE, 50)
        self.assertTrue(layer.swap(key, layer.read(key)[1], VALUE, AGE))
        self.assertEqual(layer.read(key)[0], VALUE)

    @each_cache
    def test_gone(self, cache, layer, key):
        cache.set(key, VALUE, AGE)
        token = layer.read(key)[1]
        cache.delete(key)
        self.assertFalse(layer.swap(key, token, VALUE, AGE))
        self.assertFalse(layer.remove(key, token))
        self.assertIsNone(cache.get(key))

    @each_cache
    def test_remove(self, cache, layer, key):
        cache.set(key, VALUE, AGE)
        token = layer.read(key)[1]
        self.assertIs(layer.remove(key, token), True)
        self.assertIsNone(cache.get(key))
        self.assertEqual(layer.read(key), (None, None))
        self.assertFalse(layer.swap(key, token, VALUE, AGE))
        self.assertTrue(cache.add(key, VALUE, AGE))

    @each_cache
    def test_expired(self, cache, layer, key):
        for age in (0, -300):
            cache.set(key, VALUE, AGE)
            layer.swap(key, layer.read(key)[1], VALUE, age)
            self.assertEqual(layer.read(key), (None, None))
            self.assertIsNone(cache.get(key))

    @each_cache
    def test_case(self, cache, layer, key):
        """Values that differ only in case, in base64, differ; so do keys."""
        cache.set(key, {"k": "aaa"}, AGE)
        token = layer.read(key)[1]
        if isinstance(token, str) and token.swapcase() != token and hasattr(cache, "cache_model_class"):
            self.assertFalse(layer.swap(key, token.swapcase(), VALUE, AGE))
            self.assertEqual(layer.read(key.upper()), (None, None))
        self.assertEqual(layer.read(key)[0], {"k": "aaa"})

    @each_cache
    def test_unreadable(self, cache, layer, key):
        """What cannot be read raises."""
        if "Redis" in type(layer).__name__:
            layer.client(key).set(layer.full_key(key), b"\xc1 neither a pickle nor JSON nor msgpack")
        else:
            cache.set(key, Unreadable(), AGE)
        with self.assertRaises(Exception):
            layer.read(key)

    @each_cache
    def test_too_large(self, cache, layer, key):
        """What memcached does not store leaves what it has stored."""
        if not in_memcached(layer):
            return
        cache.set(key, VALUE, AGE)
        token = layer.read(key)[1]
        large = {"large": random.Random(1).getrandbits(8 * 2 << 20).to_bytes(2 << 20, "big")}
        try:
            self.assertFalse(layer.swap(key, token, large, AGE))
        except self.failureException:
            raise
        except Exception:
            pass  # the client's own
        self.assertEqual(cache.get(key), VALUE)

    @each_cache
    def test_writers(self, cache, layer, key):
        """Of writers at once, each that swapped has changed what the one before left."""
        alias = next(name for name in cachesite.caches if caches[name] is cache)  # a thread has caches of its own
        cache.set(key, {"n": 0}, AGE)
        errors = []

        def count():
            try:
                own, name = swap.of(caches[alias]), uuid.uuid4().hex
                while not own.add(name, {"name": name}, AGE):
                    pass  # SQLite was locked, of which DatabaseCache tells nothing else
                for _ in range(5):
                    while True:
                        self.assertEqual(own.read(name)[0], {"name": name})  # no other thread's
                        value, token = own.read(key)
                        if own.swap(key, token, {"n": value["n"] + 1}, AGE):
                            break
                        time.sleep(random.uniform(0, 0.005))
            except Exception as error:
                errors.append(error)
            finally:
                caches[alias].close()
                connections.close_all()

        threads = [threading.Thread(target=count) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])
        self.assertEqual(layer.read(key)[0], {"n": 40})


class Router:
    """Places the tables of caches in the database other, and has reads go elsewhere."""

    def db_for_write(self, model, **hints):
        return "other"

    def db_for_read(self, model, **hints):
        return "default"

    def allow_migrate(self, *args, **hints):
        return True


class Routed(unittest.TestCase):
    def test_database(self):
        with override_settings(DATABASE_ROUTERS=[Router()]):
            call_command("createcachetable", "routed", database="other", verbosity=0)
            layer = swap.of(DatabaseCache("routed", {}))
            self.assertTrue(layer.add("key", VALUE, AGE))
            self.assertTrue(layer.swap("key", layer.read("key")[1], {"a": 1}, AGE))
            self.assertEqual(layer.read("key")[0], {"a": 1})
        self.assertIn("routed", connections["other"].introspection.table_names())
        self.assertNotIn("routed", connections["default"].introspection.table_names())


class Unsupported(unittest.TestCase):
    def test_backend(self):
        from django.core.cache.backends.dummy import DummyCache

        with self.assertRaisesRegex(ImproperlyConfigured, "dummy.DummyCache cannot compare and swap.*SESSION_CACHE_ALIAS"):
            swap.of(DummyCache("", {}))

    def test_subclass(self):
        base = type(caches["default"])
        self.assertIs(type(swap.of(type("Own", (base,), {})("own", {}))), type(swap.of(caches["default"])))


if __name__ == "__main__":
    unittest.main()
