"""The session engine djsession.cache on every cache of cachesite: sessions that are gone, moved, or cannot be loaded."""

import threading
import unittest

from django.contrib.sessions.backends.base import UpdateError
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from tests.cachekit import at_once, can_fail, down, each_cache, items, spoil, stored, through_proxy

from djsession import swap
from djsession.cache import SessionStore
from djsession.rows import SessionInterrupted


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


class Down(unittest.TestCase):
    """What is written while the cache is down is an exception of its client, and can be written again."""

    @each_cache
    def test_writes(self):
        for write in (
            lambda s: s.save(),
            lambda s: s.cycle_key(),
            lambda s: s.update_atomically(lambda s: s.update({"c": 1})),
            lambda s: s.delete(),
        ):
            key = stored(a=1)
            session = SessionStore(key)
            session["b"] = 1
            if not can_fail(session):
                return
            with down(session):
                for _ in range(2):  # some clients tell only once
                    with self.assertRaises(Exception) as raised:
                        write(session)
                    self.assertNotIsInstance(raised.exception, (UpdateError, SessionInterrupted, AssertionError))
            self.assertEqual((session.session_key, dict(session.items())), (key, {"a": 1, "b": 1}))
            session.save()
            self.assertEqual(items(key), {"a": 1, "b": 1})

    @each_cache
    def test_not_loaded(self):
        """A save that has to load the session first."""
        key = stored(a=1)
        session = SessionStore(key)
        if not can_fail(session):
            return
        with down(session), self.assertRaises(Exception) as raised:
            session.save()
        self.assertNotIsInstance(raised.exception, (UpdateError, AssertionError))
        session["b"] = 1
        session.save()
        self.assertEqual((session.session_key, items(key)), (key, {"a": 1, "b": 1}))

    @each_cache
    def test_lost_answer(self):
        """What a Redis client repeats when an answer was lost is done once."""
        session = SessionStore(stored(n=0))
        if not hasattr(session._values, "encode"):
            return
        from redis.backoff import NoBackoff
        from redis.exceptions import ConnectionError as LostConnection
        from redis.retry import Retry

        options = {"retry": Retry(NoBackoff(), 3), "retry_on_error": [LostConnection]}

        def add(session):
            session["n"] += 1

        with through_proxy(session, options, b"EVAL") as lost, self.assertRaises(LostConnection):
            session.update_atomically(add)
        self.assertEqual((items(session.session_key), len(lost)), ({"n": 1}, 1))
        with through_proxy(session, options, b"EVAL") as lost, self.assertRaises(LostConnection):
            session.cycle_key()
        self.assertEqual(len(lost), 1)


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
        if not can_fail(session):
            return
        with down(session):
            self.assertEqual(dict(session.items()), {})
        self.loses_nothing(key, session)
        self.assertEqual(items(key), {"a": 1})

    @each_cache
    def test_unreadable(self):
        key = stored(a=1)
        loaded = []
        for write, error in (
            (lambda s: s.save(), UpdateError),
            (lambda s: s.update_atomically(lambda s: None), UpdateError),
            (lambda s: s.cycle_key(), SessionInterrupted),
        ):
            session = SessionStore(key)
            session["b"] = 1
            loaded.append((session, write, error))
        before = spoil(key)
        for session, write, error in loaded:
            with self.assertRaises(error):
                write(session)
            self.assertEqual((session.session_key, dict(session.items())), (key, {"a": 1, "b": 1}))
        self.loses_nothing(key, SessionStore(key))
        layer, name = SessionStore()._values, SessionStore.cache_key_prefix + key
        with self.assertRaises(swap.Unreadable):
            layer.read(name)
        if before:
            self.assertEqual(layer.client(name).get(layer.full_key(name)), before)

    def test_cannot_swap(self):
        with override_settings(CACHES={"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}):
            with self.assertRaisesRegex(ImproperlyConfigured, "DummyCache cannot compare and swap"):
                SessionStore()


if __name__ == "__main__":
    unittest.main()
