"""SESSION_ENGINE = "djsession.cached_db": Django's cached_db engine, saving by merging."""
import contextlib
import logging
from functools import partial

import django
from django.contrib.sessions.backends import cached_db
from django.db import connections, transaction

from .aio import Async
from .base import copier
from .rows import RowStore

logger = logging.getLogger("django.contrib.sessions")


class SessionStore(Async, RowStore, cached_db.SessionStore):
    """Django's cached_db.SessionStore, with the same rows and cache entries: see RowStore.

    The row is the truth. It is always written by compare and swap or under its lock, and the cache in the same transaction,
    so that the cache gets the dicts in the order in which the rows were written.
    """

    def load(self):
        try:
            data = self._cache.get(self.cache_key)
        except Exception:
            data = None  # as Django: for example a key that memcached does not allow
        if data is None:
            return self._load_row()
        self._remember(data, None, copier(data))  # the row's text is not known: a save has to lock and read the row
        return data

    def _load_row(self):
        row = self._get_session_from_db()
        if row is None:
            return {}
        data = self._loaded(row)
        if self._unreadable != self.session_key:
            # Not set: somebody may have stored a newer dict in the meantime.
            if self._cache.add(self.cache_key, data, self.get_expiry_age(expiry=row.expire_date)):
                self._check_cache(row)
        return data

    def _check_cache(self, row):
        """Take out of the cache what is no longer the row's: an old dict would stay there, and a logged out user logged in."""
        rows = self.model.objects.using(self._database(row.session_key)).filter(session_key=row.session_key)
        if list(rows.values_list("session_data", flat=True)) != [row.session_data]:
            self._cache.delete(self.cache_key)

    @contextlib.contextmanager
    def _transaction(self, using):
        self._in_cache, self._cache_error = False, None
        try:
            with transaction.atomic(using=using):
                yield
        except BaseException:
            if self._in_cache:
                self._uncache(self.session_key)
            raise
        if self._cache_error is not None:
            raise self._cache_error

    def _saved(self):
        self._in_cache = True  # also if it fails: it may have got there
        try:
            self._cache.set(self.cache_key, self._session, self.get_expiry_age())
        except Exception as error:
            if django.VERSION >= (5, 1):
                logger.exception("Error saving to cache (%s)", self._cache)
            else:
                self._cache_error = error  # raised as Django does, when the row is committed

    def _fresh(self, row):
        fresh = super()._fresh(row)
        if fresh is None:
            self._uncache(self.session_key)  # or each request loads it from there, and fails to save it
        return fresh

    def delete(self, session_key=None):
        session_key = self.session_key if session_key is None else session_key
        super().delete(session_key)
        if session_key is None:
            return
        using = self._database(session_key)
        if connections[using].in_atomic_block:
            # Until the caller's transaction commits, others load the row and put it back into the cache.
            transaction.on_commit(partial(self._uncache, session_key), using=using)
        self._cache.delete(self.cache_key_prefix + session_key)

    def cycle_key(self):
        old = self.session_key
        super().cycle_key()
        if old and old != self.session_key:
            self._uncache(old)  # delete() did so before the commit

    def _uncache(self, session_key):
        try:
            self._cache.delete(self.cache_key_prefix + session_key)
        except Exception:
            logger.exception("Error deleting from cache (%s)", self._cache)
