"""Compare and swap in the files of FileBasedCache.

A writer holds the lock (flock) of the file whose place its own file takes, as Go's does. The lock says nothing once
another file is there. Django's own FileBasedCache does not know of it.
"""

import contextlib
import os
import pickle
import random
import tempfile
import time
import zlib

from django.core.exceptions import ImproperlyConfigured

from . import Swap as Base
from . import Unreadable, readable

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

LOCK_WITHIN = 60  # seconds; a lock is held for one write
LONGEST_PAUSE = 0.005


class FileSwap(Base):
    """The Swap of FileBasedCache. The token is the compressed value."""

    def __init__(self, cache):
        super().__init__(cache)
        if fcntl is None:
            raise ImproperlyConfigured("djsession: FileBasedCache cannot compare and swap on Windows: use SESSION_ENGINE = 'djsession.db'")

    def read(self, key, again=False):
        try:
            with open(self.cache._key_to_file(key), "rb") as file:
                token = stored(file)
        except FileNotFoundError:
            token = None
        return (None, None) if token is None else (readable(lambda data: pickle.loads(zlib.decompress(data)), token), token)

    def swap(self, key, token, value, timeout):
        path = self.cache._key_to_file(key)
        with locked(path) as file:
            same = holds(file, token)
            if same:
                self.put(path, value, timeout)
        return same

    def put(self, path, value, timeout):
        """Put a file with value in the place of the one at path."""
        handle, temporary = tempfile.mkstemp(prefix=".djsession-", suffix=".tmp", dir=os.path.dirname(path))
        try:
            with open(handle, "wb") as file:
                self.cache._write_content(file, timeout, value)
            os.replace(temporary, path)
        except BaseException:
            os.remove(temporary)
            raise

    def remove(self, key, token):
        path = self.cache._key_to_file(key)
        with locked(path) as file:
            return holds(file, token) and unlink(path)

    def delete(self, key):
        path = self.cache._key_to_file(key)
        with locked(path) as file:  # or a swap could bring it back
            if file is not None:
                unlink(path)


def unlink(path):
    """Remove the file at path. Report whether it was there: Django's culling does not know the lock."""
    try:
        os.remove(path)
    except FileNotFoundError:
        return False
    return True


def stored(file):
    """Return the compressed value in an open file, or None if it has expired."""
    try:
        expires = pickle.load(file)
    except EOFError:  # an empty file counts as expired
        return None
    except OSError:
        raise
    except Exception:
        raise Unreadable from None
    if expires is not None and expires < time.time():
        return None
    return file.read()


def holds(file, token):
    """Report whether an open file, or None, holds a token."""
    try:
        return file is not None and stored(file) == token
    except Unreadable:
        return False


@contextlib.contextmanager
def locked(path):
    """Hold the lock of the file at path, which is None if there is none."""
    until, pause = time.monotonic() + LOCK_WITHIN, LONGEST_PAUSE / 32
    while True:
        try:
            file = open(path, "r+b")
        except FileNotFoundError:
            yield None
            return
        with file:
            if lock(file, path):
                yield file
                return
        if time.monotonic() > until:
            raise TimeoutError("djsession: a file of the cache stayed locked for %s seconds" % LOCK_WITHIN)
        time.sleep(pause * random.uniform(0.5, 1.5))
        pause = min(2 * pause, LONGEST_PAUSE)


def lock(file, path):
    """Lock an open file. Report whether nobody else has, and it is still the one at path."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except (BlockingIOError, FileNotFoundError):
        return False
