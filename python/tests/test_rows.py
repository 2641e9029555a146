"""Rows that cannot be read, session models of a site's own, routers, and the cache beside the rows."""
from tests import rowsite  # isort: skip, for it configures Django
import logging

import django
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.cache.backends.filebased import FileBasedCache
from django.db import DatabaseError, transaction
from django.db.models.signals import post_delete, post_save
from django.test import SimpleTestCase
from tests.models import AccountSession, ChildSession, ChildStore, Device, SessionStore, StubbornStore
from tests.rowsite import at_once, each_engine, items, stored

from djsession.rows import SessionInterrupted


class Unreadable(SimpleTestCase):
    """Text that is signed with another key: to somebody else it may be a session."""
    databases = "__all__"

    def setUp(self):
        logging.disable(logging.WARNING)
        self.addCleanup(logging.disable, logging.NOTSET)

    def other(self, store):
        """Return the key and the text of a session that was signed with another SECRET_KEY."""
        with self.settings(SECRET_KEY="another key"):
            key = stored(store, a=1)
        caches["default"].clear()
        return key, Session.objects.get(pk=key).session_data

    @each_engine
    def test_it_is_loaded_as_empty_and_kept(self, store):
        key, text = self.other(store)
        for change in (lambda s: s.save(), lambda s: s.get("a"), lambda s: s.update_atomically(lambda s: None)):
            one = store(key)
            self.assertEqual(dict(one.items()), {})
            change(one)
            self.assertEqual((one.session_key, Session.objects.get(pk=key).session_data), (key, text))
        for change in (lambda s: s.save(), lambda s: s.cycle_key(), lambda s: s.update_atomically(lambda s: None)):
            one = store(key)
            one["b"] = 1
            change(one)
            self.assertNotEqual(one.session_key, key)
            self.assertEqual(items(one.session_key), {"b": 1})
            self.assertEqual(Session.objects.get(pk=key).session_data, text)
        with self.settings(SECRET_KEY="another key"):
            self.assertEqual(items(key), {"a": 1})

    @each_engine
    def test_it_became_unreadable(self, store):
        for change, error in ((lambda s: s.save(), UpdateError), (lambda s: s.cycle_key(), SessionInterrupted),
                              (lambda s: s.update_atomically(lambda s: None), UpdateError)):
            for text in (self.other(store)[1], "not base64"):
                key = stored(store, a=1)
                one = store(key)
                one["b"] = 1
                Session.objects.filter(pk=key).update(session_data=text)
                with self.assertRaises(error):
                    change(one)
                self.assertEqual(Session.objects.get(pk=key).session_data, text)

    @each_engine
    def test_an_empty_session_is_readable(self, store):
        one = store()
        one.save()
        caches["default"].clear()
        two = store(one.session_key)
        two["a"] = 1
        two.save()
        self.assertEqual(two.session_key, one.session_key)

    @each_engine
    def test_flush_deletes_it(self, store):
        key, _ = self.other(store)
        store(key).flush()
        self.assertFalse(Session.objects.filter(pk=key).exists())


class Models(SimpleTestCase):
    databases = "__all__"

    def test_columns_signals_and_references(self):
        seen = []
        for signal in (post_save, post_delete):
            receiver = lambda signal, instance, **kwargs: seen.append(instance.session_key)  # noqa: E731
            signal.connect(receiver, sender=AccountSession, weak=False)
            self.addCleanup(signal.disconnect, receiver, sender=AccountSession)
        key = stored(SessionStore, account=5)
        created = AccountSession.objects.get(pk=key).updated
        Device.objects.create(session_id=key)
        one, two = SessionStore(key), SessionStore(key)
        one["a"] = 1
        two["account"] = 6
        one.save()
        two.save()
        row = AccountSession.objects.get(pk=key)
        self.assertEqual((row.account, one.decode(row.session_data)), (6, {"account": 6, "a": 1}))
        self.assertGreater(row.updated, created)
        one.save()
        self.assertEqual(AccountSession.objects.get(pk=key).account, 6)
        self.assertEqual(seen, [key] * 4)
        one.cycle_key()
        self.assertEqual(seen[4:], [one.session_key, key])
        self.assertFalse(Device.objects.filter(session_id=key).exists())
        self.assertEqual(AccountSession.objects.get(pk=one.session_key).account, 6)

    def test_models_that_save_in_other_ways(self):
        for store in (ChildStore, StubbornStore):
            with self.subTest(store.__name__):
                key = stored(store, a=1)
                one, two = store(key), store(key)
                one["account"], two["b"] = 5, 2
                one.save()
                two.save()
                self.assertEqual(dict(store(key).items()), {"a": 1, "account": 5, "b": 2})
                two["c"] = 3
                two.save()
                one.cycle_key()
                self.assertEqual(dict(store(one.session_key).items()), {"a": 1, "account": 5, "b": 2, "c": 3})
                self.assertFalse(store().exists(key))
                one.flush()
        self.assertFalse(ChildSession.objects.exists())


class Router:
    """Writes go to one database and reads to another, which lags behind."""

    def db_for_read(self, model, **hints):
        return "replica"

    def db_for_write(self, model, **hints):
        return "default"


class Routers(SimpleTestCase):
    databases = "__all__"

    @each_engine
    def test_a_replica_that_lags_behind(self, store):
        key = stored(store, a=1)
        Session.objects.get(pk=key).save(using="replica")
        caches["default"].clear()
        two = store(key)
        two["b"] = 2
        two.save()
        caches["default"].clear()
        with self.settings(DATABASE_ROUTERS=["tests.test_rows.Router"]):
            one = store(key)
            self.assertEqual(dict(one.items()), {"a": 1})
            one["c"] = 3
            one.save()
            one.update_atomically(lambda s: s.update({"d": 4}))
            one.cycle_key()
        self.assertEqual(items(one.session_key), {"a": 1, "b": 2, "c": 3, "d": 4})
        self.assertFalse(Session.objects.filter(pk=key).exists())
        with self.settings(DATABASE_ROUTERS=["tests.test_rows.Router"]):
            store(one.session_key).delete()
        self.assertFalse(Session.objects.filter(pk=one.session_key).exists())
        self.assertTrue(Session.objects.using("replica").filter(pk=key).exists())


def session_store(cls):
    """Give the class the name that is in the salt."""
    cls.__name__ = cls.__qualname__ = "SessionStore"
    return cls


class Broken(FileBasedCache):
    """A cache that fails when it is written, and loses what is added."""

    def add(self, *args, **kwargs):
        return False

    def set(self, *args, **kwargs):
        raise OSError("the cache is down")


class Caches(SimpleTestCase):
    """What is in the cache is what is in the row."""
    databases = "__all__"
    store = rowsite.ENGINES["cached_db"]

    def setUp(self):
        settings = self.settings(SESSION_ENGINE="djsession.cached_db")
        settings.enable()
        self.addCleanup(settings.disable)

    def test_a_slow_load_does_not_bring_back_what_is_old(self):
        for change, after in ((lambda key: self.store(key).flush(), {}),
                              (lambda key: self.store(key).update_atomically(lambda s: s.update({"a": 2})), {"a": 2}),
                              (lambda key: Session.objects.filter(pk=key).delete(), {})):
            key = stored(self.store, a=1)

            @session_store
            class Slow(self.store):
                def _get_session_from_db(self):
                    row = super()._get_session_from_db()
                    change(key)
                    return row

            caches["default"].clear()
            self.assertEqual(dict(Slow(key).items()), {"a": 1})
            self.assertEqual(items(key), after)

    def test_a_save_that_fails_leaves_nothing_in_the_cache(self):
        key = stored(self.store, a=1)

        @session_store
        class Failing(self.store):
            def _saved(self):
                super()._saved()
                raise DatabaseError("as a COMMIT")

        for change in (lambda s: s.save(), lambda s: s.update_atomically(lambda s: None)):
            one = Failing(key)
            one["b"] = 1
            with self.assertRaises(UpdateError):
                change(one)
            self.assertEqual(items(key), {"a": 1})

    def test_a_cache_that_is_down(self):
        key = stored(self.store, a=1)
        broken = dict(rowsite.settings.CACHES, broken={
            "BACKEND": "tests.test_rows.Broken", "LOCATION": rowsite.directory.name + "/broken"})
        with self.settings(CACHES=broken, SESSION_CACHE_ALIAS="broken"):
            one = self.store(key)
            one["b"] = 1
            if django.VERSION >= (5, 1):
                with self.assertLogs("django.contrib.sessions", "ERROR"):
                    one.save()
            else:
                with self.assertRaises(OSError):
                    one.save()
            self.assertEqual(dict(rowsite.row(key)), {"a": 1, "b": 1})

    def test_a_row_that_is_gone_leaves_the_cache(self):
        for change in (lambda s: s.save(), lambda s: s.cycle_key(), lambda s: s.update_atomically(lambda s: None)):
            key = stored(self.store, a=1)
            Session.objects.filter(pk=key).delete()  # as the admin does
            with self.assertRaises((UpdateError, SessionInterrupted)):
                one = self.store(key)
                one["a"] = 2
                change(one)
            self.assertEqual(items(key), {})

    def test_a_logout_in_a_transaction(self):
        key = stored(self.store, a=1)
        with transaction.atomic():
            self.store(key).flush()
            self.assertEqual(at_once(1, lambda i: self.store(key).get("a")), [])  # puts it into the cache again
        self.assertEqual(items(key), {})

    def test_the_cache_and_the_row_agree_after_many_saves(self):
        key = stored(self.store, n=0)

        def work(i):
            for n in range(5):
                one = self.store(key)
                one["own%d" % i] = n
                one.save()

        self.assertEqual(at_once(6, work), [])
        self.assertEqual(items(key), dict({"own%d" % i: 4 for i in range(6)}, n=0))
