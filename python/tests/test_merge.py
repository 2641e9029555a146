"""What a save does to what another request stored since the load."""
from tests import rowsite  # isort: skip, for it configures Django
import copy
import datetime
import gc
import pickle
import unittest
import weakref

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import SimpleTestCase
from django.utils import timezone
from tests.rowsite import each_engine, items, row, stored

from djsession.changes import changes, merge, same


class Saves(SimpleTestCase):
    databases = "__all__"

    @each_engine
    def test_both_keep_what_they_set(self, store):
        key = stored(store, a=1, cart={"x": 1}, gone=True)
        one, two = store(key), store(key)
        one["b"], two["c"] = 2, 3
        two["cart"]["x"] = 2
        del two["gone"]
        one.save()
        two.save()
        self.assertEqual(items(key), {"a": 1, "cart": {"x": 2}, "b": 2, "c": 3})
        self.assertEqual(dict(two.items()), items(key))

    @each_engine
    def test_the_later_one_wins_a_key(self, store):
        key = stored(store, a=0)
        one, two = store(key), store(key)
        one["a"], two["a"] = 1, 2
        one.save()
        two.save()
        self.assertEqual(items(key), {"a": 2})

    @each_engine
    def test_an_assignment_counts_whatever_the_value(self, store):
        """As in Go, where Set and Delete count. A value that was only read does not."""
        def pop_again(session):
            session["new"] = 1
            session.pop("new")

        for change, want in ((lambda s: s.__setitem__("a", 1), {"a": 1, "new": 2}), (lambda s: s.update({"a": 1}), {"a": 1, "new": 2}),
                             (lambda s: s.update([("a", 1)]), {"a": 1, "new": 2}),
                             (lambda s: s.setdefault("a", 5), {"a": 2, "new": 2}), (lambda s: s.pop("none", 5), {"a": 2, "new": 2}),
                             (lambda s: s.setdefault("a", s.pop("a")), {"a": 1, "new": 2}), (pop_again, {"a": 2})):
            key = stored(store, a=1)
            one, two = store(key), store(key)
            change(one)
            two["a"] = two["new"] = 2
            two.save()
            one.save()
            self.assertEqual(items(key), want)
            two["a"] = 3  # only once
            two.save()
            one.save()
            self.assertEqual(items(key)["a"], 3)

    @each_engine
    def test_types_count(self, store):
        key = stored(store, a=1, b=1, c=[1], d=0)
        one, two = store(key), store(key)
        one["e"] = True
        one.save()
        two["a"], two["b"], two["c"] = True, 1.0, [1.0]
        two.save()
        self.assertEqual(repr(items(key)), repr({"a": True, "b": 1.0, "c": [1.0], "d": 0, "e": True}))

    @each_engine
    def test_order_is_kept(self, store):
        key = stored(store, z=1, a=2, m=3)
        one, two = store(key), store(key)
        one["b"], two["a"], two["c"] = 1, 9, 1
        one.save()
        two.save()
        self.assertEqual(row(key), [("z", 1), ("a", 9), ("m", 3), ("b", 1), ("c", 1)])

    @each_engine
    def test_two_saves_of_one_object(self, store):
        key = stored(store, a=1, list=[])
        one, two = store(key), store(key)
        numbers = one["list"]
        two["t"] = 1
        two.save()
        one["b"] = 1
        one.save()
        numbers.append(1)  # the same object as before the save that merged
        two["u"] = 1
        two.save()
        one.save()
        self.assertEqual(items(key), {"a": 1, "list": [1], "t": 1, "b": 1, "u": 1})

    @each_engine
    def test_a_save_after_create(self, store):
        one = store()
        one["a"] = 1
        one.create()
        two = store(one.session_key)
        two["b"] = 2
        two.save()
        one["c"] = 3
        one.save()
        self.assertEqual(items(one.session_key), {"a": 1, "b": 2, "c": 3})

    @each_engine
    def test_clear_removes_what_was_there(self, store):
        key = stored(store, a=1, b=2)
        one, two = store(key), store(key)
        self.assertEqual(one["a"], 1)
        two["c"] = 3
        two.save()
        one.clear()
        one["d"] = 4
        one.save()
        self.assertEqual(items(key), {"d": 4})  # as in Go: what others set is cleared, too
        two = store(key)
        two["c"] = 3
        two.save()
        one["e"] = 5
        one.save()
        self.assertEqual(items(key), {"d": 4, "c": 3, "e": 5})
        one.clear()
        one.save()
        self.assertEqual(items(key), {})
        key = stored(store, a=1)
        unread = store(key)
        unread.clear()
        unread["b"] = 1
        unread.save()
        self.assertEqual(items(key), {"b": 1})

    @each_engine
    def test_load_by_hand_changes_nothing(self, store):
        key = stored(store, a=1)
        one, two = store(key), store(key)
        one["b"] = 2
        two["c"] = 3
        two.save()
        self.assertEqual(one.load(), {"a": 1, "c": 3})
        one.save()
        self.assertEqual(items(key), {"a": 1, "b": 2, "c": 3})
        del one._session_cache
        one["d"] = 4
        one.save()
        self.assertEqual(items(key), {"a": 1, "b": 2, "c": 3, "d": 4})

    @each_engine
    def test_expiry_is_renewed_and_merged(self, store):
        key = stored(store, a=1)
        old = timezone.now() + datetime.timedelta(seconds=5)
        Session.objects.filter(pk=key).update(expire_date=old)
        one, two = store(key), store(key)
        one.save()  # SESSION_SAVE_EVERY_REQUEST
        self.assertGreater(Session.objects.get(pk=key).expire_date, old)
        two["b"] = 1
        two.set_expiry(100)
        two.save()
        one["c"] = 1
        one.save()
        left = Session.objects.get(pk=key).expire_date - timezone.now()
        self.assertTrue(50 < left.total_seconds() <= 100, left)
        self.assertEqual(items(key), {"a": 1, "b": 1, "_session_expiry": 100, "c": 1})

    @each_engine
    def test_a_deleted_session_stays_deleted(self, store):
        key = stored(store, a=1)
        one = store(key)
        one["b"] = 1
        store(key).flush()
        with self.assertRaises(UpdateError):
            one.save()
        self.assertFalse(store().exists(key))

    @each_engine
    def test_an_unknown_key(self, store):
        for change in (lambda session: None, lambda session: session.clear()):
            one = store("unknownunknownunknownunknown1234")
            change(one)
            with self.assertRaises(UpdateError):
                one.save()
        self.assertFalse(store().exists("unknownunknownunknownunknown1234"))

    @each_engine
    def test_what_cannot_be_written_is_not_stored(self, store):
        if "Pickle" in rowsite.settings.SESSION_SERIALIZER:
            self.skipTest("a pickle takes nearly everything")
        key = stored(store, a=1)
        one = store(key)
        one["b"] = object()
        with self.assertRaises(TypeError):
            one.save()
        del one["b"]
        one["c"] = 1
        one.save()
        self.assertEqual(items(key), {"a": 1, "c": 1})
        new = store()
        new["b"] = object()
        with self.assertRaises(TypeError):
            new.save()
        new["b"] = 1
        new.save()
        self.assertEqual(items(new.session_key), {"b": 1})

    @each_engine
    def test_nothing_keeps_a_session_alive(self, store):
        """It goes with the request, and not only with the next garbage collection."""
        key = stored(store, a=1)
        gc.disable()
        self.addCleanup(gc.enable)
        for change in (lambda s: s.save(), lambda s: s.update_atomically(lambda s: None)):
            one = store(key)
            one["a"] = 1
            change(one)
            gone = weakref.ref(one)
            del one
            self.assertIsNone(gone())

    @each_engine
    def test_copies(self, store):
        key = stored(store, a=1, list=[])
        one, two = store(key), store(key)
        one["b"] = 1
        one = copy.deepcopy(pickle.loads(pickle.dumps(one)))
        two["c"] = 1
        two.save()
        one["list"].append(1)
        one.save()
        self.assertEqual(items(key), {"a": 1, "list": [1], "c": 1, "b": 1})


class Changes(unittest.TestCase):
    def test_json(self):
        json = signing.JSONSerializer()
        for a, b, alike in ((1, True, False), (1, 1.0, False), ((1,), [1], True), ({"a": 1, "b": 2}, {"b": 2, "a": 1}, False),
                            (float("nan"), float("nan"), True), ("é", "é", True), (None, 0, False)):
            self.assertEqual(same(a, b, json), alike, (a, b))
        self.assertEqual(changes({"1": "a", "2": "b"}, {1: "a"}, json), ({}, ["2"]))
        self.assertEqual(changes({"1": "a", "2": "b"}, {1: "a", "2": "b"}, json, {1, 3}), ({"1": "a"}, ["3"]))

    def test_pickles(self):
        class Pickles:
            dumps, loads = staticmethod(pickle.dumps), staticmethod(pickle.loads)

        word = "".join(["wo", "rd"])
        day = datetime.date(2026, 1, 1)
        loop = []
        loop.append(loop)
        for a, b, alike in (([word, word], [word, "".join(["wo", "rd"])], True), ({3, 11, 19}, {19, 11, 3}, True), (1, True, False),
                            ([1], (1,), False), ([1], [True], False), (day, datetime.date(2026, 1, 1), True),
                            ({"a": {1: {2}}}, {"a": {1: {2}}}, True), ({1: 2}, {1: 3}, False), (loop, [1], False)):
            self.assertEqual(same(a, b, Pickles()), alike, (a, b))

    def test_merge(self):
        json = signing.JSONSerializer()
        found = changes({"a": 1, "b": 2, "c": 3}, {"b": 2, "c": 4, "d": 5}, json)
        self.assertEqual(found, ({"c": 4, "d": 5}, ["a"]))
        self.assertEqual(list(merge({"x": 0, "c": 1, "a": 9}, found).items()), [("x", 0), ("c", 4), ("d", 5)])
