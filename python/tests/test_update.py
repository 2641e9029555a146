"""update_atomically, and cycle_key: alone, and with others in between."""
from tests import rowsite  # isort: skip, for it configures Django
import unittest

import django
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connections, transaction
from django.test import SimpleTestCase
from tests.rowsite import at_once, each_engine, items, stored

from djsession.rows import SessionInterrupted


def add(session):
    session["n"] = session.get("n", 0) + 1
    session.setdefault("list", []).append(session["n"])
    return session["n"]


class Updates(SimpleTestCase):
    databases = "__all__"

    @each_engine
    def test_the_newest_data_and_what_was_pending(self, store):
        key = stored(store, n=1)
        one, two = store(key), store(key)
        one["pending"] = {"a": 1}
        two["n"] = 5
        two.save()
        self.assertEqual(one.update_atomically(add), 6)
        self.assertEqual(items(key), {"n": 6, "pending": {"a": 1}, "list": [6]})
        self.assertEqual(dict(one.items()), items(key))
        self.assertTrue(one.modified)
        one.save()
        self.assertEqual(items(key), {"n": 6, "pending": {"a": 1}, "list": [6]})

    @each_engine
    def test_an_exception_changes_nothing(self, store):
        key = stored(store, n=1, nested={"list": []})
        one = store(key)
        one["pending"] = [1]
        one.modified = False

        def fail(session):
            session["nested"]["list"].append(1)
            session["pending"].append(2)
            session["other"] = 1
            raise error

        for error in (LookupError(), DatabaseError(), UpdateError(), KeyboardInterrupt()):
            with self.assertRaises(type(error)) as raised:
                one.update_atomically(fail)
            self.assertIs(raised.exception, error)
            self.assertEqual(items(key), {"n": 1, "nested": {"list": []}})
            self.assertEqual(dict(one.items()), {"n": 1, "nested": {"list": []}, "pending": [1]})
            self.assertFalse(one.modified)
        one.save()
        self.assertEqual(items(key), {"n": 1, "nested": {"list": []}, "pending": [1]})

    @each_engine
    def test_what_a_failed_update_assigned_is_no_change(self, store):
        key = stored(store, n=1, m=1)
        one, two = store(key), store(key)

        def fail(session):
            session["n"] = 5
            session.clear()
            raise LookupError

        with self.assertRaises(LookupError):
            one.update_atomically(fail)
        two["n"] = 2
        two.save()
        one["b"] = 1
        one.save()
        self.assertEqual(items(key), {"n": 2, "m": 1, "b": 1})

    @each_engine
    def test_a_new_session(self, store):
        one = store()
        one["a"] = 1
        self.assertEqual(one.update_atomically(add), 1)
        self.assertEqual(items(one.session_key), {"a": 1, "n": 1, "list": [1]})
        empty = store()
        empty.update_atomically(lambda session: session.get("n"))
        self.assertIsNone(empty.session_key)
        unknown = store("unknownunknownunknownunknown1234")
        unknown.update_atomically(add)
        self.assertNotIn(unknown.session_key, (None, "unknownunknownunknownunknown1234"))

    @each_engine
    def test_a_deleted_session(self, store):
        key = stored(store, n=1)
        one = store(key)
        self.assertEqual(one["n"], 1)
        store(key).delete()
        with self.assertRaises(UpdateError):
            one.update_atomically(add)
        self.assertFalse(store().exists(key))
        self.assertEqual(dict(one.items()), {"n": 1})

    @each_engine
    def test_saving_inside_is_refused(self, store):
        one = store(stored(store, n=1))
        for f in (store.save, store.delete, store.cycle_key, store.flush, lambda s: s.update_atomically(add)):
            with self.assertRaises(RuntimeError):
                one.update_atomically(f)
        self.assertEqual(items(one.session_key), {"n": 1})

    @each_engine
    def test_many_at_once(self, store):
        key = stored(store, n=0)

        def work(i):
            for _ in range(5):
                store(key).update_atomically(add)
            session = store(key)
            session["own%d" % i] = i
            session.save()

        self.assertEqual(at_once(6, work), [])
        want = dict({"own%d" % i: i for i in range(6)}, n=30, list=list(range(1, 31)))
        self.assertEqual(items(key), want)


class Moves(SimpleTestCase):
    databases = "__all__"

    @each_engine
    def test_what_others_wrote_moves_along(self, store):
        key = stored(store, a=1)
        one, two = store(key), store(key)
        one["b"] = 2
        two["c"] = 3
        two.save()
        one.cycle_key()
        self.assertEqual(items(one.session_key), {"a": 1, "b": 2, "c": 3})
        self.assertFalse(store().exists(key))
        self.assertEqual(dict(store(key).items()), {})
        one["d"] = 4
        one.save()
        self.assertEqual(items(one.session_key), {"a": 1, "b": 2, "c": 3, "d": 4})

    @each_engine
    def test_a_deleted_session_is_not_brought_back(self, store):
        key, count = stored(store, a=1), Session.objects.count()
        one = store(key)
        one["b"] = 2
        store(key).flush()
        with self.assertRaises(SessionInterrupted):
            one.cycle_key()
        self.assertEqual(Session.objects.count(), count - 1)
        self.assertEqual((one.session_key, dict(one.items())), (key, {"a": 1, "b": 2}))

    @each_engine
    def test_without_a_stored_session(self, store):
        one = store()
        one["a"] = 1
        one.cycle_key()
        self.assertEqual(items(one.session_key), {"a": 1})
        unknown = store("unknownunknownunknownunknown1234")
        unknown.cycle_key()
        self.assertNotIn(unknown.session_key, (None, "unknownunknownunknownunknown1234"))

    @each_engine
    def test_after_clear(self, store):
        """With a cookie of old: nothing was loaded, so that there is nothing to bring back."""
        for key in ("unknownunknownunknownunknown1234", stored(store, old=1)):
            one = store(key)
            one.clear()
            one["a"] = 1
            one.cycle_key()
            self.assertNotIn(one.session_key, (None, key))
            self.assertEqual(items(one.session_key), {"a": 1})
            self.assertFalse(store().exists(key))

    @each_engine
    def test_one_of_many_moves_it(self, store):
        key = stored(store, a=1)
        moved, before = [], Session.objects.count()
        loaded = [store(key) for _ in range(6)]
        for session in loaded:
            session.get("a")

        def work(i):
            session = loaded[i]
            session["own%d" % i] = i
            if i % 2:
                session.cycle_key()
                moved.append(session.session_key)
            else:
                session.save()
                saved.append(i)

        saved = []
        errors = at_once(6, work)
        self.assertEqual(Session.objects.count(), before)
        self.assertEqual(len(moved), 1, errors)
        self.assertEqual({type(error) for error in errors} - {SessionInterrupted, UpdateError}, set())
        data = items(moved[0])
        self.assertEqual([i for i in saved if data.get("own%d" % i) != i], [])


class Transactions(SimpleTestCase):
    databases = "__all__"

    @each_engine
    def test_a_rollback_of_the_callers(self, store):
        key = stored(store, a=1)
        one = store(key)
        with self.assertRaises(LookupError), transaction.atomic():
            one["b"] = 1
            one.save()
            one["c"] = 1
            one.save()
            raise LookupError
        one["d"] = 1
        one.save()
        self.assertEqual(items(key), {"a": 1, "b": 1, "c": 1, "d": 1})

    @each_engine
    def test_a_rollback_and_another_writer(self, store):
        key = stored(store, a=1)
        one = store(key)
        with self.assertRaises(LookupError), transaction.atomic():
            one["b"] = 1
            one.save()
            raise LookupError
        two = store(key)
        two["t"] = 1
        two.save()
        one["d"] = 1
        one.save()
        self.assertEqual(items(key), {"a": 1, "t": 1, "b": 1, "d": 1})

    @each_engine
    def test_an_update_in_the_callers(self, store):
        """Once it is committed, the middleware's save does not repeat it on top of what others stored since."""
        key = stored(store, n=0)
        one = store(key)
        with transaction.atomic():
            one.clear()
            one["n"] = 1
            one.update_atomically(add)
            one.save()
        self.assertEqual(store(key).update_atomically(add), 3)
        one.save()
        self.assertEqual(items(key), {"n": 3, "list": [2, 3]})
        with self.assertRaises(LookupError), transaction.atomic():
            one.update_atomically(add)
            raise LookupError
        one.save()
        self.assertEqual(items(key), {"n": 4, "list": [2, 3, 4]})

    @each_engine
    def test_a_conflict_in_the_callers(self, store):
        key = stored(store, a=1)
        one, two = store(key), store(key)
        one["b"], two["c"] = 1, 1
        two.save()
        with transaction.atomic():
            one.save()
            User.objects.exists()  # the transaction is not broken
        self.assertEqual(items(key), {"a": 1, "b": 1, "c": 1})

    @each_engine
    def test_cleared_and_rolled_back(self, store):
        key = stored(store, a=1)
        one = store(key)
        self.assertEqual(one["a"], 1)
        with self.assertRaises(LookupError), transaction.atomic():
            one.clear()
            one.save()
            raise LookupError
        one.save()
        self.assertEqual(items(key), {})

    @each_engine
    def test_a_transaction_that_is_broken(self, store):
        key = stored(store, a=1)
        one = store(key)
        one["b"] = 1
        with transaction.atomic():
            transaction.set_rollback(True)
            with self.assertRaises(UpdateError):
                one.save()
        one.save()
        self.assertEqual(items(key), {"a": 1, "b": 1})

    @each_engine
    def test_the_cost(self, store):
        """A save that nobody interferes with is one UPDATE, as Django's."""
        key = stored(store, a=1)
        if store.__module__ == "djsession.cached_db":
            store(key)._cache.clear()
        one = store(key)
        one["b"] = 1
        connection = connections["default"]
        connection.force_debug_cursor = True
        before = len(connection.queries_log)
        try:
            one.save()
        finally:
            connection.force_debug_cursor = False
        log = [entry["sql"] for entry in list(connection.queries_log)[before:]]
        self.assertEqual([sql.split()[0] for sql in log if sql.split()[0] not in ("BEGIN", "COMMIT")], ["UPDATE"])


@unittest.skipIf(django.VERSION < (5, 1), "this Django has no asynchronous sessions")
class Asynchronous(SimpleTestCase):
    databases = "__all__"

    @each_engine
    def test_it_merges_too(self, store):
        from asgiref.sync import async_to_sync

        async def run():
            one, two = store(key), store(key)
            await one.aset("b", 1)
            await two.aset("c", 1)
            await one.asave()
            await two.asave()

            async def more(session):
                await session.aset("n", await session.aget("n", 0) + 1)
                return "result"

            results.append(await one.aupdate_atomically(add))
            results.append(await two.aupdate_atomically(more))
            await one.acycle_key()
            return one.session_key

        results, key = [], stored(store, a=1)
        new = async_to_sync(run)()
        self.assertEqual(items(new), {"a": 1, "b": 1, "c": 1, "n": 2, "list": [1]})
        self.assertEqual(results, [1, "result"])
        self.assertFalse(store().exists(key))

    @each_engine
    def test_an_assignment_counts_whatever_the_value(self, store):
        from asgiref.sync import async_to_sync

        async def pop(session):
            return await session.asetdefault("a", await session.apop("a"))

        async def run(change):
            one, two = store(key), store(key)
            await change(one)
            await two.aset("a", 2)
            await two.asave()
            await one.asave()
            return await one.aget("a"), await store(key).aget("a")

        for change in (lambda s: s.aset("a", 1), lambda s: s.aupdate({"a": 1}), pop):
            key = stored(store, a=1)
            self.assertEqual(async_to_sync(run)(change), (1, 1))

        async def test_cookie(session):
            await session.aset_test_cookie()
            await session.asave()
            await session.adelete_test_cookie()
            await session.asave()
            return await session.aitems()

        self.assertEqual(dict(async_to_sync(test_cookie)(store(stored(store, a=1)))), {"a": 1})
