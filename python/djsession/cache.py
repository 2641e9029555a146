"""SESSION_ENGINE = "djsession.cache": Django's cache engine, saving by merging."""

import pickle
import random
import threading
import time

from django.contrib.sessions.backends import cache
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.core.exceptions import ImproperlyConfigured

from . import swap
from .aio import Async
from .base import Merging, copier
from .rows import SessionInterrupted

SWAP_WITHIN = 60  # seconds, about as long as a database waits for a lock
REFUSALS = 10  # so many conflicts in a row with the same token are none
FIRST_PAUSE, LONGEST_PAUSE = 0.001, 0.1

# The threads of a process queue for a session, so that they do not lose to each other. One of them waits for a second at
# the most: update_atomically may be called inside of another session's.
TURNS = [threading.RLock() for _ in range(64)]
TURN_WITHIN = 1


class Pickles:
    """What values are compared and copied with, also for a cache whose serializer is another: it stores no more than a pickle."""

    def dumps(self, value):
        return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)

    def loads(self, text):
        return pickle.loads(text)


class SessionStore(Async, Merging, cache.SessionStore):
    """Django's cache.SessionStore, with the same values in the cache.

    A save swaps the new value for the one that was loaded. If the cache holds another by then, the changes are put on top of
    that one. A session that is gone is not stored again. What could not be loaded, because the cache failed or holds
    something unreadable, is not overwritten: as in Django the session is empty then, and gets a new key when it is saved.

    Raises what Django's engine does: if the cache fails, what its client raises. UpdateError also if what is stored has become
    unreadable, which stays. TimeoutError if so many others write that no swap succeeds within 60 seconds, ValueError if the
    cache does not take the session, and ImproperlyConfigured if SESSION_CACHE_ALIAS names a cache that cannot swap.
    """

    _failure = None  # of load()

    def __init__(self, session_key=None):
        super().__init__(session_key)
        self._values = swap.of(self._cache)

    def _codec(self):
        return Pickles()

    def load(self):
        self._failure = None
        try:
            data, token = self._values.read(self.cache_key)
        except ImproperlyConfigured:
            raise
        except swap.Unreadable:
            data = None
        except Exception as error:  # as in Django; a key that memcached does not take is one reason
            data, self._failure = None, error.with_traceback(None)
        if data is None:
            self._session_key = None
            return {}
        self._remember(data, token, copier(data))
        return data

    def save(self, must_create=False):
        """Save what was changed, and renew the expiry. UpdateError if the session is gone, as in Django."""
        self._refuse_inside_update("save")
        if self.session_key is None:
            return self.create()
        key = self.session_key
        data = self._get_session(no_load=must_create)
        if must_create:
            if not self._values.add(self.cache_key, data, self._age(data)):
                raise CreateError
            return self._stored(data)
        if self.session_key is None:  # it was loaded only now
            if self._failure is None:
                raise UpdateError
            self._session_key = key
            del self._session_cache
            raise self._failure
        snapshot = self._snapshot()
        if snapshot is not None and snapshot.version is not None:
            if self._values.swap(self.cache_key, snapshot.version, data, self._age(data)):
                return self._stored(data)
        self._swap(self._merge)

    def _swap(self, change):
        before = self._session
        try:
            for fresh, token in self._tries():
                self._session_cache = data = change(fresh)
                if self._values.swap(self.cache_key, token, data, self._age(data)):
                    return self._stored(data)
                self._session_cache = before  # or the next merge takes what others changed for changes made here
        except BaseException:
            self._session_cache = before
            raise

    def _tries(self):
        """Yield what is stored under the session's key, and its token, until the loop over it ends.

        The pauses in between are random, and grow so that many writers meet less often; who has little time left tries more
        often. UpdateError if nothing readable is stored, TimeoutError if the time is over, ValueError if there is no conflict.
        """
        last, refusals = None, 0
        until, pause = time.monotonic() + SWAP_WITHIN, FIRST_PAUSE
        turn = TURNS[hash(self.session_key) % len(TURNS)]
        queued = turn.acquire(timeout=TURN_WITHIN)
        try:
            while True:
                try:
                    fresh, token = self._values.read(self.cache_key, again=True)
                except swap.Unreadable:
                    fresh = None
                if fresh is None:
                    raise UpdateError
                last, refusals = token, refusals + 1 if token == last else 0
                if refusals == REFUSALS:
                    raise ValueError("djsession: the cache does not store the session: nothing was saved: it may be too large")
                yield fresh, token
                left = until - time.monotonic()
                if left < 0:
                    raise TimeoutError("djsession: too many others write the session: nothing was saved: try again")
                time.sleep(random.uniform(0, min(pause, left / 8)))
                pause = min(2 * pause, LONGEST_PAUSE)
        finally:
            if queued:
                turn.release()

    def _age(self, data):
        return self.get_expiry_age(expiry=data.get("_session_expiry"))

    def _stored(self, data):
        """Note that data is stored. Its token is not known: the next save reads it."""
        self._remember(data, None, copier(data))

    def delete(self, session_key=None):
        self._refuse_inside_update("delete")
        session_key = self.session_key if session_key is None else session_key
        if session_key is not None:
            self._values.delete(self.cache_key_prefix + session_key)

    def cycle_key(self):
        """Move the session to a new key, with what others stored meanwhile.

        The middleware's exception for a deleted session (a 400) if it is gone: Django would bring it back. The new key is
        there before the old one is removed, and removed again if the old one holds something else by then: if the cache
        fails in between, the session keeps the old key, and nobody knows the new one. If the answer to the removal is lost,
        it is unknown whether the session is still stored.
        """
        self._refuse_inside_update("cycle_key")
        before = self._session  # first of all, because loading may forget the key
        old, snapshots = self.session_key, self._snapshots
        if old is None:
            return self.create()

        def undo():
            self._session_cache, self._session_key, self._snapshots = before, old, snapshots

        try:
            for fresh, token in self._tries():
                self._session_cache = self._merge(fresh)
                self.create()
                if self._values.remove(self.cache_key_prefix + old, token):
                    return
                self._values.delete(self.cache_key)
                undo()
        except UpdateError:
            undo()
            raise SessionInterrupted(
                "The request's session was deleted before its key was changed. The user may have logged out in "
                "a concurrent request, for example."
            )
        except BaseException:
            undo()
            raise
