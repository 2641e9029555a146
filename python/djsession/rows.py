"""Saving rows of a session table by merging: what the engines db and cached_db have in common."""
import operator

from django.contrib.sessions import exceptions
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError, IntegrityError, connections, router, transaction
from django.db.models import F

from .base import Merging
from .reading import read

# What Django's middleware raises: a 400. Before Django 3.2 it was the other one.
SessionInterrupted = getattr(exceptions, "SessionInterrupted", SuspiciousOperation)


class Conflict(Exception):
    """The row is not the one that was loaded, or there is none."""


class RowStore(Merging):
    """Replaces load, save, delete and cycle_key of Django's db.SessionStore.

    A save is Django's UPDATE, with the text that was loaded in its WHERE clause. If it hits no row, the row is locked and
    read, the changes are put on top of it, and it is saved. A row that cannot be read is never written.
    """

    def load(self):
        row = self._get_session_from_db()
        return {} if row is None else self._loaded(row)

    def _loaded(self, row):
        data = read(self, row.session_data)
        if data is None:
            self._unreadable = self.session_key
            return {}
        self._remember(data, row.session_data, operator.methodcaller("decode", row.session_data))
        return data

    def save(self, must_create=False):
        """Save what was changed, and renew the expiry date.

        Django's save otherwise: UpdateError if the row is gone or, here, has become unreadable. A session whose row could not
        be read gets a new key and a row of its own, unless it is empty.
        """
        self._refuse_inside_update("save")
        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)
        if must_create:
            return self._store(data, create=True)
        if self.session_key is not None and self.session_key == self._unreadable:
            return self.create() if data else None
        snapshot = self._snapshot()
        if snapshot is not None and snapshot.version is not None:
            try:
                return self._store(data, version=snapshot.version)
            except Conflict:
                pass
        self._swap(self._merge)

    def _store(self, data, create=False, version=None):
        """Insert the row, or replace the one whose session_data is version; otherwise raise CreateError or Conflict."""
        obj = self.create_model_instance(data)
        using = router.db_for_write(self.model, instance=obj)
        if not create:
            compare(obj, version)
        try:
            certain = connections[using].get_autocommit()
            with self._transaction(using):
                obj.save(force_insert=create, force_update=not create, using=using)
                if not create and not obj._compared:
                    raise Conflict  # the model has a save() of its own that does without Django's
                self._saved()
            self._stored(obj.session_data, certain)
        except IntegrityError:
            if create:
                raise CreateError
            raise
        except DatabaseError:
            if not create:
                raise UpdateError
            raise

    def _swap(self, change):
        before, failed = self._session, None
        using = self._database(self._get_or_create_session_key())
        try:
            certain = connections[using].get_autocommit()
            with self._transaction(using):
                fresh = self._fresh(self._lock(self.session_key, using))
                if fresh is None:
                    raise UpdateError
                try:
                    data = change(fresh)
                except DatabaseError as error:
                    failed = error
                    raise
                self._session_cache = data
                obj = self.create_model_instance(data)
                obj.save(force_update=True, using=using)
                self._saved()
            self._stored(obj.session_data, certain)
        except BaseException as error:
            self._session_cache = before
            if isinstance(error, DatabaseError) and not isinstance(error, IntegrityError) and error is not failed:
                raise UpdateError
            raise

    def _transaction(self, using):
        return transaction.atomic(using=using)

    def _saved(self):
        """Called when the row is saved, in the transaction."""

    def _stored(self, text, certain):
        """Remember the text. If it is not certain that it stays stored, the transaction being the caller's, keep what
        changes are found by: after a rollback they are still to be saved."""
        before = self._snapshot()
        self._remember(self._session_cache, text, operator.methodcaller("decode", text))
        if before is not None and not certain:
            now = self._snapshot()
            now.read, now.noted, now.cleared = before.read, before.noted, before.cleared

    def update_atomically(self, f):
        result = super().update_atomically(f)
        connection = connections[self._database(self.session_key)]
        if connection.in_atomic_block:
            transaction.on_commit(self._committed, using=connection.alias)
        return result

    update_atomically.__doc__ = Merging.update_atomically.__doc__

    def _committed(self):
        """What _stored kept is stored for good: saving it once more would overwrite what others stored since the commit."""
        snapshot = self._snapshot()
        if snapshot is not None and snapshot.version is not None:
            snapshot.changed_since(operator.methodcaller("decode", snapshot.version))

    def _database(self, session_key):
        return router.db_for_write(self.model, instance=self.model(session_key=session_key))

    def _lock(self, session_key, using):
        """Return the row as it is now, locked until the end of the transaction; None if it is gone."""
        rows = self.model.objects.using(using).filter(session_key=session_key)
        if connections[using].features.has_select_for_update:
            rows = rows.select_for_update()
        else:
            # SQLite: a transaction that first reads cannot write any more if somebody else wrote in between. One that first
            # writes waits for its turn.
            rows.update(expire_date=F("expire_date"))
        return next(iter(rows), None)

    def _fresh(self, row):
        """Return what row holds, or None if it is gone or cannot be read."""
        if row is None:
            return None
        try:
            return read(self, row.session_data)
        except Exception:  # Django 2.2 and 3.2, for text that is not base64 at all
            return None

    def delete(self, session_key=None):
        """Delete the row, if there is one. Django's delete, which looks for it where the router has reads go."""
        self._refuse_inside_update("delete")
        session_key = self.session_key if session_key is None else session_key
        if session_key is None:
            return
        for row in self.model.objects.using(self._database(session_key)).filter(session_key=session_key):
            row.delete()

    def cycle_key(self):
        """Move the session to a new key, with what others stored meanwhile.

        The middleware's exception for a deleted session (a 400) if the row is gone: Django would bring it back.
        """
        self._refuse_inside_update("cycle_key")
        before = self._session  # first of all, because loading may forget the key
        old, snapshots = self.session_key, self._snapshots
        if old is None or old == self._unreadable:
            return self.create()
        using = self._database(old)
        try:
            with transaction.atomic(using=using):
                fresh = self._fresh(self._lock(old, using))
                if fresh is None and self._snapshot() is None:
                    return self.create()  # nothing was loaded, as after clear(): nothing is brought back
                if fresh is None:
                    raise SessionInterrupted(
                        "The request's session was deleted before its key was changed. The user may have logged out in "
                        "a concurrent request, for example.")
                self._session_cache = self._merge(fresh)
                self.create()
                self.delete(old)
        except BaseException:
            self._session_cache, self._session_key, self._snapshots = before, old, snapshots
            raise


def compare(obj, text):
    """Have the save of obj raise Conflict unless the row's session_data is text."""
    update = obj._do_update
    obj._compared = False

    def do_update(base_qs, *args, **kwargs):
        # With a parent's table the model has two, and session_data is in one of them.
        if any(field.name == "session_data" for field in base_qs.model._meta.local_concrete_fields):
            # MySQL ignores case here, but signatures that differ in nothing but case do not occur.
            base_qs = base_qs.filter(session_data=text)
            obj._compared = True
            del obj._do_update  # a receiver of post_save may save it again
        updated = update(base_qs, *args, **kwargs)
        if not updated:
            raise Conflict
        return updated

    obj._do_update = do_update
