"""Compare and swap in LocMemCache, which one process has alone: for tests."""

import pickle

from . import Swap as Base
from . import readable


class MemorySwap(Base):
    """The Swap of LocMemCache. The token is the pickle."""

    def read(self, key, again=False):
        key = self.full_key(key)
        with self.cache._lock:
            if self.cache._has_expired(key):
                return None, None
            token = self.cache._cache[key]
            self.cache._cache.move_to_end(key, last=False)  # used last, for culling
        return readable(pickle.loads, token), token

    def swap(self, key, token, value, timeout):
        key, pickled = self.full_key(key), pickle.dumps(value, self.cache.pickle_protocol)
        with self.cache._lock:
            same = self.holds(key, token)
            if same:
                self.cache._set(key, pickled, timeout)
        return same

    def remove(self, key, token):
        key = self.full_key(key)
        with self.cache._lock:
            same = self.holds(key, token)
            if same:
                self.cache._delete(key)
        return same

    def holds(self, key, token):
        """Report whether the cache, which is locked, holds token under key."""
        return not self.cache._has_expired(key) and self.cache._cache[key] == token
