"""What the engines have in common: they remember what was loaded, and save only what was changed since.

An engine's SessionStore derives from Merging and from Django's SessionStore of the same name, and

- calls self._remember(data, ...) with each dict that it loads or stores,
- compares and swaps in save(), with self._snapshot().version, and resolves a conflict with self._swap(self._merge),
- implements _swap, which update_atomically also uses.
"""
import copy
import functools
import pickle

from .changes import changes, merge, same


class Snapshot:
    """A stored session as it was when this object loaded or stored it.

    key is its session key and data the dict in memory. version is what the store compares in a compare and swap, or None if
    the store cannot tell. read(session) returns a dict of its own with the data as it was, whatever was done to data since.
    noted holds the keys that were assigned or deleted since, and cleared is whether clear() was called.
    """
    __slots__ = ("key", "data", "version", "read", "noted", "cleared")

    def __init__(self, key, data, version, read):
        self.key, self.data, self.version = key, data, version
        self.changed_since(read)

    def changed_since(self, read):
        """Have the changes be those made from now on to what read returns."""
        self.read, self.noted, self.cleared = read, set(), False


class Merging:
    """A mixin for a SessionStore that saves by merging. See the module's documentation for what an engine does."""

    _snapshots = ()  # at most two, the last is the newest: load() may be called by hand, without effect on this object
    _updating = False
    _unreadable = None  # the key of the stored session that load() could not read

    def _swap(self, change):
        """Replace what is stored under self.session_key by change(fresh), and self's data as well.

        fresh is a dict of its own with what is stored now. Nobody stores between reading fresh and storing its
        replacement: the store is locked in between, or change is called again. Raises UpdateError if nothing readable is
        stored. If it raises, nothing is stored and self has its data as before.
        """
        raise NotImplementedError

    def _remember(self, data, version, read):
        """Note that data, this very dict, is what is stored under self.session_key. See Snapshot."""
        used = self._snapshot()
        new = Snapshot(self.session_key, data, version, read)
        stored = data is getattr(self, "_session_cache", None)
        self._snapshots = (new,) if stored or used is None else (used, new)

    def _snapshot(self):
        """Return the Snapshot that self's data was made from, or None if it was made from nothing that is stored.

        A dict that was put in place of the loaded one, as clear() does, belongs to the Snapshot that was used before.
        """
        current = getattr(self, "_session_cache", None)
        for snapshot in reversed(self._snapshots):
            if snapshot.data is current and snapshot.key == self.session_key:
                return snapshot
        if self._snapshots and current is not None and self._snapshots[0].key == self.session_key:
            return self._snapshots[0]
        return None

    # What was assigned or deleted by name is a change even if it is what was loaded: the later save wins, as in Go.
    # (setdefault assigns only what was not there, which the comparison finds.)

    def _note(self, keys, cleared=False):
        snapshot = self._snapshot()
        if snapshot is not None and not self._updating:  # inside, what is stored is what f leaves
            snapshot.noted.update(keys)
            snapshot.cleared |= cleared

    def __setitem__(self, key, value):
        super().__setitem__(key, value)
        self._note([key])

    def __delitem__(self, key):
        super().__delitem__(key)
        self._note([key])

    def update(self, dict_):
        dict_ = dict(dict_)  # it may be an iterator
        super().update(dict_)
        self._note(dict_)

    def pop(self, key, *args, **kwargs):
        found = key in self._session
        value = super().pop(key, *args, **kwargs)
        if found:
            self._note([key])
        return value

    def clear(self):
        super().clear()
        self._note([], cleared=True)

    def create(self):
        """Django's create. If it fails, the session has the key that it had, so that it can be saved again."""
        before = self.session_key
        try:
            super().create()
        except BaseException:
            self._session_key = before
            raise

    def _merge(self, fresh):
        """Return fresh with the changes made to self's data since its Snapshot. Self's data without one, or if it was cleared."""
        current, snapshot = self._session, self._snapshot()
        if snapshot is None or snapshot.cleared:
            return current
        serializer, base = self._codec(), snapshot.read(self)
        mine = changes(base, current, serializer, snapshot.noted)
        merged = merge(fresh, mine)
        for key in merged:
            # A value that nobody changed stays the same object: the caller may have a reference to it, and change it later.
            if key in base and key in current and key not in mine.set and same(base[key], fresh[key], serializer):
                merged[key] = current[key]
        return merged

    def _copy(self, data):
        """Return data as the next request would load it."""
        serializer = self._codec()
        return serializer.loads(serializer.dumps(data))

    def _codec(self):
        """Return what the store writes values with, for comparing and copying them: its dumps and loads."""
        return self.serializer()

    def update_atomically(self, f):
        """Call f(self) with the newest stored data, and save what it does to self. Return what f returns.

        For what must not be lost between requests, such as a cart or a counter: nobody else stores the session between
        what f reads and what is saved. What was changed before is saved at the same time. f may be called more than once,
        and must change nothing but the session; save, cycle_key, flush and delete are errors (RuntimeError) inside of it.
        A new session is created unless it stays empty.

        If f raises, or if saving does, nothing is stored and the session is as before. UpdateError: it was deleted. The
        middleware saves the session once more, which changes nothing but the expiry date and renews the cookie.
        """
        self._refuse_inside_update("update_atomically")
        before = self._session  # first of all, because loading may forget the key
        state = self.modified, self._snapshots, self.session_key
        results = []

        def change(fresh):
            self._session_cache = self._copy(self._merge_onto(fresh, before))
            self._updating = True
            try:
                results.append(f(self))
            finally:
                self._updating = False
            return self._session_cache

        try:
            if self.session_key is None or self._unreadable == self.session_key:
                self._session_cache = change(before)
                if self._session_cache:
                    self.create()
            else:
                self._swap(change)
        except BaseException:
            self._session_cache = before
            self.modified, self._snapshots, self._session_key = state
            raise
        self.modified = True
        return results[-1]

    def _merge_onto(self, fresh, data):
        self._session_cache = data
        return self._merge(fresh)

    def _refuse_inside_update(self, method):
        if self._updating:
            raise RuntimeError("djsession: %s inside update_atomically: it saves the session itself" % method)


def copier(data):
    """Return a function that returns data as it is now, for Snapshot.read."""
    try:
        return functools.partial(_call, pickle.loads, pickle.dumps(data, pickle.HIGHEST_PROTOCOL))
    except Exception:  # what it raises depends on the object
        return functools.partial(_call, copy.deepcopy, copy.deepcopy(data))  # ten times slower


def _call(function, argument, session):
    return function(argument)
