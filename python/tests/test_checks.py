"""The system checks, as `manage.py check` runs them."""
from tests import rowsite  # noqa: F401; isort: skip, for it configures Django
import os
import subprocess
import sys

from django.core.checks import run_checks
from django.test import SimpleTestCase, override_settings
from tests.models import Device

from djsession import db


class Readers:
    """A serializer that reads something else than it wrote."""

    def dumps(self, obj):
        return b"{}"

    def loads(self, data):
        return {}


class SessionStore(db.SessionStore):
    """A store whose model is something else."""

    @classmethod
    def get_model_class(cls):
        return Device


class Checks(SimpleTestCase):
    def found(self, **settings):
        with override_settings(**settings):
            return [message.id for message in run_checks() if message.id.startswith("djsession.")]

    def test_good_settings(self):
        for engine in ("djsession.db", "djsession.cached_db"):
            self.assertEqual(self.found(SESSION_ENGINE=engine), [])

    def test_the_engine(self):
        self.assertEqual(self.found(SESSION_ENGINE="djsession.nothing"), ["djsession.E001"])
        self.assertEqual(self.found(SESSION_ENGINE="djsession.checks"), ["djsession.E001"])
        self.assertEqual(self.found(SESSION_ENGINE="django.contrib.sessions.backends.db"), ["djsession.W001"])

    def test_the_model(self):
        self.assertEqual(self.found(SESSION_ENGINE="tests.test_checks"), ["djsession.E003"] * 3)

    def test_without_the_app_of_the_model(self):
        environment = dict(os.environ, DJANGO_SETTINGS_MODULE="tests.nosessions")
        check = subprocess.run([sys.executable, "-B", "-m", "django", "check"], env=environment, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, universal_newlines=True, timeout=300)
        self.assertEqual(check.returncode, 1, check.stdout)
        self.assertIn("(djsession.E002)", check.stdout)
        self.assertIn('HINT: Add "django.contrib.sessions" to INSTALLED_APPS', check.stdout)

    def test_the_serializer(self):
        self.assertEqual(self.found(SESSION_SERIALIZER="tests.test_checks.Readers"), ["djsession.E004"])
        self.assertEqual(self.found(SESSION_SERIALIZER="tests.test_checks.Nothing"), ["djsession.E004"])

    def test_the_cache(self):
        engine = "djsession.cached_db"
        self.assertEqual(self.found(SESSION_ENGINE=engine, SESSION_CACHE_ALIAS="gone"), ["djsession.E005"])
        for private in ("locmem.LocMemCache", "dummy.DummyCache"):
            caches = {"default": {"BACKEND": "django.core.cache.backends." + private}}
            self.assertEqual(self.found(SESSION_ENGINE=engine, CACHES=caches), ["djsession.W002"])
        self.assertEqual(self.found(SESSION_CACHE_ALIAS="gone"), [])
