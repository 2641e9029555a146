"""The session engine djsession.cache on every cache of cachesite."""

import datetime
import functools
import threading
import unittest
from unittest import mock

import django
from django.conf import settings
from django.contrib.sessions.backends import cache as djangos
from django.contrib.sessions.backends.base import UpdateError
from django.core.cache import caches
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.test import override_settings
from tests import cachesite

from djsession import cache, swap
from djsession.cache import SessionStore
from djsession.rows import SessionInterrupted
from djsession.swap.checks import check_cache


def each_cache(test):
    """Run a test for each cache, as the one that holds the sessions."""

    @functools.wraps(test)
    def each(self):
        for alias in cachesite.caches:
            with self.subTest(alias), override_settings(SESSION_CACHE_ALIAS=alias):
                test(self)

    return each


def stored(**values):
    """Return the key of a new session."""
    session = SessionStore()
    session.update(values)
    session.save()
    return session.session_key


def items(key):
    """Return what Django's own engine loads."""
    return dict(djangos.SessionStore(key).items())


def at_once(count, work):
    """Run work in so many threads at once. Return the exceptions."""
    errors = []

    def run(i):
        try:
            work(i)
        except Exception as error:
            errors.append(error)
        finally:
            caches[settings.SESSION_CACHE_ALIAS].close()
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


class Merging(unittest.TestCase):
    @each_cache
    def test_two_writers(self):
        key = stored(a=1, gone=1, cart={"tea": 1}, theirs=[1])
        ours, theirs = SessionStore(key), SessionStore(key)
        ours["cart"]["mug"] = 1  # found by comparing
        ours.modified = True
        del ours["gone"]
        theirs["theirs"].append(2)
        theirs["new"] = 1
        theirs.save()
        ours.save()
        self.assertEqual(items(key), {"a": 1, "cart": {"tea": 1, "mug": 1}, "theirs": [1, 2], "new": 1})
        self.assertEqual(dict(ours.items()), items(key))

    @each_cache
    def test_again(self):
        """What a save left in memory is saved again only where it was changed since."""
        key = stored(a=1)
        ours, theirs = SessionStore(key), SessionStore(key)
        ours["a"] = 2
        ours.save()
        theirs["a"] = 3
        theirs.save()
        ours["b"] = 1
        ours.save()
        self.assertEqual(items(key), {"a": 3, "b": 1})

    @each_cache
    def test_clear(self):
        key = stored(a=1)
        ours, theirs = SessionStore(key), SessionStore(key)
        self.assertEqual(ours["a"], 1)
        ours.clear()
        ours["b"] = 1
        theirs["c"] = 1
        theirs.save()
        ours.save()
        self.assertEqual(items(key), {"b": 1, "c": 1})

    @each_cache
    def test_age(self):
        """The age is that of the merged session."""
        key = stored(a=1)
        ours, theirs = SessionStore(key), SessionStore(key)
        self.assertEqual(ours["a"], 1)
        theirs.set_expiry(-5)
        theirs.save()
        self.assertEqual(items(key), {})
        with self.assertRaises(UpdateError):
            ours.save()

    @each_cache
    def test_atomic_update(self):
        key = stored(n=0)

        def count(i):
            def add(session):
                session["n"] += 1
                return session["n"]

            for _ in range(5):
                self.assertGreater(SessionStore(key).update_atomically(add), 0)

        self.assertEqual(at_once(6, count), [])
        self.assertEqual(items(key), {"n": 30})

    @each_cache
    def test_many_writers(self):
        key = stored(n=0)

        def write(i):
            session = SessionStore(key)
            session["own%d" % i] = i
            session.save()

        self.assertEqual(at_once(20, write), [])
        self.assertEqual(items(key), dict({"own%d" % i: i for i in range(20)}, n=0))

    @each_cache
    def test_conflicts(self):
        """What another one stores during a save, twice, is not taken for a change made here."""
        key = stored(n=0)
        session, tries = SessionStore(key), []
        session["mine"] = 1

        def merge(fresh):
            tries.append(1)
            if len(tries) < 3:
                SessionStore(key).update_atomically(lambda other: other.update({"n": other["n"] + 1}))
            return session._merge(fresh)

        session._swap(merge)
        self.assertEqual((items(key), len(tries)), ({"n": 2, "mine": 1}, 3))

    @each_cache
    def test_no_end(self):
        """Others that always win end in Django's exception, and nothing is changed."""
        key = stored(n=0)
        session = SessionStore(key)

        def change(fresh):
            SessionStore(key).update_atomically(lambda other: other.update({"n": other["n"] + 1}))
            return dict(fresh, lost=1)

        with mock.patch.object(cache, "SWAP_WITHIN", 0.05), self.assertRaisesRegex(UpdateError, "too many"):
            session["mine"] = 1
            session._swap(change)
        self.assertEqual(dict(session.items()), {"n": 0, "mine": 1})
        self.assertNotIn("lost", items(key))


class Gone(unittest.TestCase):
    @each_cache
    def test_save(self):
        for loads in (False, True):
            key = stored(a=1)
            session = SessionStore(key)
            if loads:
                self.assertEqual(session["a"], 1)
            SessionStore(key).delete()
            with self.assertRaises(UpdateError):
                session.save()
            self.assertEqual(items(key), {})

    @each_cache
    def test_update(self):
        key = stored(a=1)
        session = SessionStore(key)
        self.assertEqual(session["a"], 1)
        SessionStore(key).flush()
        with self.assertRaises(UpdateError):
            session.update_atomically(lambda s: s.update({"b": 1}))
        self.assertEqual(items(key), {})

    @each_cache
    def test_deletes(self):
        """Of saves and a deletion at once, the deletion is the last."""
        for _ in range(3):
            key, loaded = stored(a=1), threading.Barrier(4, timeout=60)

            def work(i):
                session = SessionStore(key)
                self.assertEqual(session["a"], 1)
                loaded.wait()
                if i == 3:
                    return session.delete()
                try:
                    for n in range(5):
                        session["n%d" % i] = n
                        session.save()
                except UpdateError:
                    pass

            self.assertEqual(at_once(4, work), [])
            self.assertEqual(items(key), {})


class CycleKey(unittest.TestCase):
    @each_cache
    def test_moves(self):
        key = stored(a=1)
        ours, theirs = SessionStore(key), SessionStore(key)
        ours["mine"] = 1
        theirs["theirs"] = 1
        theirs.save()
        ours.cycle_key()
        self.assertNotEqual(ours.session_key, key)
        self.assertEqual(items(key), {})
        ours["later"] = 1
        ours.save()
        self.assertEqual(items(ours.session_key), {"a": 1, "mine": 1, "theirs": 1, "later": 1})

    @each_cache
    def test_gone(self):
        key = stored(a=1)
        session = SessionStore(key)
        session["mine"] = 1
        SessionStore(key).delete()
        with self.assertRaises(SessionInterrupted):
            session.cycle_key()
        self.assertEqual((session.session_key, items(key)), (key, {}))

    def test_new(self):
        session = SessionStore()
        session["a"] = 1
        session.cycle_key()
        session.save()
        self.assertEqual(items(session.session_key), {"a": 1})

    @each_cache
    def test_at_once(self):
        """Of those that cycle the key and write at once, one cycles, and nothing that was saved is lost."""
        key, moved, saved, loaded = stored(a=1), [], [], threading.Barrier(6, timeout=60)

        def work(i):
            session = SessionStore(key)
            session["own%d" % i] = i
            loaded.wait()
            try:
                if i < 3:
                    session.cycle_key()
                    moved.append(session.session_key)
                else:
                    session.save()
                saved.append("own%d" % i)
            except (UpdateError, SessionInterrupted):
                pass

        self.assertEqual(at_once(6, work), [])
        self.assertEqual(len(moved), 1)
        self.assertEqual(set(items(moved[0])), set(saved) | {"a"})
        self.assertEqual(items(key), {})


class Unloaded(unittest.TestCase):
    """What could not be loaded is not overwritten."""

    def loses_nothing(self, key, session):
        session["b"] = 1
        session.save()
        self.assertNotEqual(session.session_key, key)
        self.assertEqual(items(session.session_key), {"b": 1})

    @each_cache
    def test_down(self):
        key = stored(a=1)
        session = SessionStore(key)
        there, backend = session._values, type(session._cache)
        if not (backend.__module__.startswith("django_redis") or hasattr(session._cache, "_servers")):
            return
        url = "127.0.0.1:1" if hasattr(there, "gets") else "redis://127.0.0.1:1"
        session._values = swap.of(backend(url, {}))
        self.assertEqual(dict(session.items()), {})
        session._values = there
        self.loses_nothing(key, session)
        self.assertEqual(items(key), {"a": 1})

    @each_cache
    def test_unreadable(self):
        key = stored(a=1)
        layer, name = SessionStore()._values, SessionStore.cache_key_prefix + key
        if hasattr(layer, "encode"):
            layer.client(name).set(layer.full_key(name), b"\xc1 neither a pickle nor JSON nor msgpack")
        else:
            layer.cache.set(name, Unreadable(), 100)
        before = layer.client(name).get(layer.full_key(name)) if hasattr(layer, "encode") else None
        self.loses_nothing(key, SessionStore(key))
        if before:
            self.assertEqual(layer.client(name).get(layer.full_key(name)), before)

    def test_cannot_swap(self):
        with override_settings(CACHES={"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}):
            with self.assertRaisesRegex(ImproperlyConfigured, "DummyCache cannot compare and swap"):
                SessionStore()


class Unreadable:
    """An object whose pickle can be made but not read."""

    def __reduce__(self):
        return (int, ("no number",))


class Values(unittest.TestCase):
    def test_pickled(self):
        """What JSON cannot hold is merged, and equal values in other objects are no change."""
        values = {"when": datetime.datetime(2020, 1, 2), "set": {1, 2}, "tuple": (1, {"x": (2,)}), 5: b"\x00", "n": 2**70}
        session = SessionStore()
        session.update(values)
        session.save()
        key = session.session_key
        ours, theirs = SessionStore(key), SessionStore(key)
        theirs.update({"when": None, "set": {3}, "tuple": 1, 5: 1, "n": 1})
        ours["set"] = {2, 1}
        ours["tuple"][1]["x"] = (2, 3)
        theirs.save()
        ours.save()
        self.assertEqual(items(key), {"when": None, "set": {3}, "tuple": (1, {"x": (2, 3)}), 5: 1, "n": 1})

    @each_cache
    def test_goes_back(self):
        """Django's engine, and a save of its own, find what this engine stored, and the reverse."""
        key = stored(a=1, cart={"tea": 1})
        session = djangos.SessionStore(key)
        session["b"] = 1
        session.save()
        session = SessionStore(key)
        session["c"] = 1
        session.save()
        self.assertEqual(items(key), {"a": 1, "cart": {"tea": 1}, "b": 1, "c": 1})


@unittest.skipIf(django.VERSION < (5, 1), "has no asynchronous sessions")
class Asynchronous(unittest.TestCase):
    def test_methods(self):
        from asgiref.sync import async_to_sync

        @async_to_sync
        async def work():
            session = SessionStore()
            await session.aset("a", 1)
            await session.asave()
            key = session.session_key
            ours, theirs = SessionStore(key), SessionStore(key)
            await ours.aset("b", 1)
            await theirs.aset("c", 1)
            await theirs.asave()
            await ours.asave()
            self.assertEqual(dict(await SessionStore(key).aitems()), {"a": 1, "b": 1, "c": 1})
            await ours.acycle_key()
            with self.assertRaises(UpdateError):
                await theirs.asave()

            async def add(session):
                await session.aset("a", await session.aget("a") + 1)
                return "added"

            self.assertEqual(await ours.aupdate_atomically(add), "added")
            self.assertEqual(dict(await SessionStore(ours.session_key).aitems()), {"a": 2, "b": 1, "c": 1})
            await ours.aflush()
            self.assertEqual(dict(await SessionStore(key).aitems()), {})

        work()


class Checks(unittest.TestCase):
    def ids(self, **changes):
        with override_settings(**changes):
            return [(error.id, str(error.hint)) for error in check_cache()]

    def test_settings(self):
        self.assertEqual(self.ids(), [])
        self.assertEqual(self.ids(SESSION_ENGINE="django.contrib.sessions.backends.cache", SESSION_CACHE_ALIAS="missing"), [])
        self.assertEqual(self.ids(SESSION_ENGINE="no.such.module"), [])
        ((identifier, hint),) = self.ids(SESSION_CACHE_ALIAS="missing")
        self.assertEqual(identifier, "djsession.E020")
        self.assertIn("SESSION_CACHE_ALIAS", hint)
        dummy = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
        ((identifier, hint),) = self.ids(CACHES=dummy)
        self.assertEqual(identifier, "djsession.E021")
        self.assertIn("SESSION_ENGINE = 'djsession.db'", hint)


if __name__ == "__main__":
    unittest.main()
