"""Whole requests, through Django's middleware."""
from tests import rowsite  # isort: skip, for it configures Django
import logging

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client, SimpleTestCase
from tests import rowviews
from tests.rowsite import each_engine, items, stored

NAME = rowsite.settings.SESSION_COOKIE_NAME


class Requests(SimpleTestCase):
    databases = "__all__"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        User.objects.filter(username="ann").delete()
        User.objects.create_user("ann", password="secret")

    def setUp(self):
        logging.disable(logging.ERROR)
        self.addCleanup(logging.disable, logging.NOTSET)
        self.addCleanup(rowviews.meanwhile.clear)

    def get(self, key, path, meanwhile=None):
        """Request path with the session, and have meanwhile called in the view. Return the response."""
        client = Client()
        if key:
            client.cookies[NAME] = key
        rowviews.meanwhile[:] = [meanwhile or (lambda: None)]
        return client.get(path)

    def other(self, store, key, **values):
        def save():
            session = store(key)
            session.update(values)
            session.save()
        return save

    @each_engine
    def test_two_requests(self, store):
        key = stored(store, a=1)
        for _ in range(2):
            response = self.get(key, "/change?b=2", self.other(store, key, c=3))
            self.assertEqual((response.status_code, response.cookies[NAME].value), (200, key))
            self.assertEqual(items(key), {"a": 1, "b": "2", "c": 3})

    @each_engine
    def test_a_logout_meanwhile(self, store):
        for path in ("/change?b=2", "/login"):
            key, count = stored(store, a=1), Session.objects.count()
            response = self.get(key, path, lambda: store(key).flush())
            self.assertEqual((response.status_code, Session.objects.count()), (400, count - 1))
            self.assertNotIn(NAME, response.cookies)

    @each_engine
    def test_a_login_keeps_what_was_stored_meanwhile(self, store):
        key = stored(store, a=1)
        response = self.get(key, "/login", self.other(store, key, c=3))
        new = response.cookies[NAME].value
        self.assertNotEqual(new, key)
        self.assertFalse(store().exists(key))
        data = items(new)
        self.assertEqual((data["a"], data["c"], data["_auth_user_id"]), (1, 3, str(User.objects.get(username="ann").pk)))

    @each_engine
    def test_update_atomically(self, store):
        response = self.get(None, "/count")
        key = response.cookies[NAME].value
        self.assertEqual(items(key), {"n": 1})
        response = self.get(key, "/count")
        self.assertEqual((response.content, response.cookies[NAME].value, items(key)), (b"2", key, {"n": 2}))

    @each_engine
    def test_save_every_request(self, store):
        key = stored(store, a=1)
        with self.settings(SESSION_SAVE_EVERY_REQUEST=True):
            response = self.get(key, "/change", self.other(store, key, c=3))
        self.assertEqual((response.cookies[NAME].value, items(key)), (key, {"a": 1, "c": 3}))

    @each_engine
    def test_atomic_requests(self, store):
        from django.db import connections
        key = stored(store, a=1)
        connections["default"].settings_dict["ATOMIC_REQUESTS"] = True
        try:
            self.assertEqual(self.get(key, "/count").content, b"1")
            self.assertEqual(self.get(key, "/login").status_code, 200)
        finally:
            connections["default"].settings_dict["ATOMIC_REQUESTS"] = False
        self.assertFalse(store().exists(key))
