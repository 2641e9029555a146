"""The session stores of the engines that are not Django's database, with Go doing the work."""
import os
import tempfile
import time

from django.conf import settings
from django.contrib.sessions.exceptions import InvalidSessionKey
from django.core.cache import caches
from django.core.exceptions import ImproperlyConfigured

from gobridge.reference import PRISTINE
from gobridge.session_store import Store
from gobridge.sites import site_of
from gobridge.wire import BRIDGE, GoError


class FileStore(Store):
    @classmethod
    def _get_storage_path(cls):
        if not hasattr(cls, "_storage_path"):
            try:
                BRIDGE.call("check", {}, site_of(cls.__qualname__, cls.engine, settings.SESSION_COOKIE_AGE))
            except GoError as e:
                if "the directory must exist" in str(e):
                    raise ImproperlyConfigured(str(e))
                raise
            cls._storage_path = settings.SESSION_FILE_PATH or tempfile.gettempdir()
        return cls._storage_path

    def _key_to_file(self, session_key=None):
        session_key = session_key or self.session_key
        if not self.call("key.possible", {"key": session_key}):
            raise InvalidSessionKey("Go makes no path of this key")
        return os.path.join(self.storage_path, self.file_prefix + session_key)

    def as_django_reads_it(self, key):
        try:
            with open(os.path.join(self.storage_path, self.file_prefix + key), encoding="ascii") as file:
                return self.djangos(file.read())
        except FileNotFoundError:
            return None

    def compare_expiry(self, key, data):
        modified = os.stat(os.path.join(self.storage_path, self.file_prefix + key)).st_mtime
        if abs(modified - time.time()) > 60:
            BRIDGE.disagree("Go's file was modified at %s" % modified)


class CookieStore(Store):
    def as_django_reads_it(self, key):
        return PRISTINE.loads(key, serializer=self.serializer, max_age=self.get_session_cookie_age(),
                              salt="django.contrib.sessions.backends.signed_cookies")

    def compare_expiry(self, key, data):
        pass  # it is when the key was signed


class Cached:
    """What the stores with a cache share. Go has the cache if it is a FileBasedCache."""

    @classmethod
    def place(cls):
        return {**super().place(), "cache_dir": getattr(caches[settings.SESSION_CACHE_ALIAS], "_dir", "")}

    @property
    def cache_key(self):
        return self.cache_key_prefix + self.session_key

    async def acache_key(self):
        return self.cache_key

    def in_cache(self, key):
        return caches[settings.SESSION_CACHE_ALIAS].get(self.cache_key_prefix + key)


class CacheStore(Cached, Store):
    forgets_expired = True

    def as_django_reads_it(self, key):
        return self.in_cache(key)

    def compare_expiry(self, key, data):
        pass  # an expired entry is not found


class CachedDBStore(Cached, Store):
    def as_django_reads_it(self, key):
        cached = self.in_cache(key)
        return super().as_django_reads_it(key) if cached is None else cached


STORES = {
    "django.contrib.sessions.backends.db": Store,
    "django.contrib.sessions.backends.file": FileStore,
    "django.contrib.sessions.backends.signed_cookies": CookieStore,
    "django.contrib.sessions.backends.cache": CacheStore,
    "django.contrib.sessions.backends.cached_db": CachedDBStore,
}
