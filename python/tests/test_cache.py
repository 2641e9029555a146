"""The session engine djsession.cache on every cache of cachesite: what it merges."""

import datetime
import sys
import unittest
from unittest import mock

import django
from django.contrib.sessions.backends import cache as djangos
from django.contrib.sessions.backends.base import UpdateError
from django.db import connection, transaction
from django.test import override_settings
from tests.cachekit import at_once, each_cache, items, stored

from djsession import cache
from djsession.cache import SessionStore
from djsession.swap.checks import check_cache


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
        self.assertEqual(items(key), {"b": 1})  # as in Go

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
    def test_in_a_transaction(self):
        """A transaction that has read the session sees what others have stored since."""
        key = stored(a=1)
        if not hasattr(SessionStore()._cache, "cache_model_class") or connection.vendor == "sqlite":
            return  # where a transaction that reads keeps others from writing

        def write(i):
            SessionStore(key).update_atomically(lambda session: session.update({"theirs": 1}))

        with transaction.atomic():
            ours = SessionStore(key)
            ours["mine"] = 1
            self.assertEqual(at_once(1, write), [])
            ours.save()
        self.assertEqual(items(key), {"a": 1, "theirs": 1, "mine": 1})

    @each_cache
    def test_no_end(self):
        """Others that always win end in an exception that does not say that the session is gone, and nothing is changed."""
        key = stored(n=0)
        session = SessionStore(key)

        def change(fresh):
            SessionStore(key).update_atomically(lambda other: other.update({"n": other["n"] + 1}))
            return dict(fresh, lost=1)

        session["mine"] = 1
        with mock.patch.object(cache, "SWAP_WITHIN", 0.05):
            with self.assertRaisesRegex(TimeoutError, "too many"):
                session._swap(change)
            with mock.patch.object(session, "_merge", change), self.assertRaisesRegex(TimeoutError, "too many"):
                session.cycle_key()
        self.assertEqual((session.session_key, dict(session.items())), (key, {"n": 0, "mine": 1}))
        self.assertNotIn("lost", items(key))

    @each_cache
    def test_refused(self):
        """A cache that does not store the session, and has no other, ends in an exception at once."""
        key = stored(n=0)
        session = SessionStore(key)
        session["mine"] = 1
        with mock.patch.object(session._values, "swap", lambda *args: False), self.assertRaisesRegex(ValueError, "too large"):
            session.save()
        session.save()
        self.assertEqual(items(key), {"n": 0, "mine": 1})


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
        ours._session["set"] = {2, 1}  # unlike ours["set"], which counts as a change
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
        ((identifier, _),) = self.ids(CACHES={"default": {"BACKEND": "tests.cachekit.Uninstalled"}})
        self.assertEqual(identifier, "djsession.E020")
        if django.VERSION >= (4,):
            with mock.patch.dict(sys.modules, {"redis": None}):  # as if it were not installed
                ((identifier, _),) = self.ids(CACHES={"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache"}})
            self.assertEqual(identifier, "djsession.E020")
        dummy = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
        ((identifier, hint),) = self.ids(CACHES=dummy)
        self.assertEqual(identifier, "djsession.E021")
        self.assertIn("SESSION_ENGINE = 'djsession.db'", hint)


if __name__ == "__main__":
    unittest.main()
