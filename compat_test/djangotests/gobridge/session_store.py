"""A session store with Go doing the work."""
import contextlib
import datetime
import json
import sqlite3

from django.conf import settings
from django.contrib.sessions.backends import base
from django.db import connections
from django.utils import timezone

from gobridge.session_dict import Dict
from gobridge.sites import site_of
from gobridge.wire import BRIDGE, GoError


class Store(Dict):
    """A session with a store."""

    forgets_expired = False  # whether a session that is saved with a past expiry is not stored

    def site(self):
        return site_of(type(self).__qualname__, self.engine, self.get_session_cookie_age(), **self.place())

    @classmethod
    def place(cls):
        if not hasattr(cls, "get_model_class"):
            return {}
        fields = cls.get_model_class()._meta.concrete_fields
        return {"database": str(connections["default"].settings_dict["NAME"]), "extra_columns": len(fields) > 3,
                "table": cls.get_model_class()._meta.db_table}

    def create_model_instance(self, data):
        """Only for extra_columns: a subclass sets the model's own columns here."""
        return self.model(session_key="", session_data="", expire_date=timezone.now())

    def extra_columns(self, data):
        obj = self.create_model_instance(json.loads(data))
        return {f.column: getattr(obj, f.attname) for f in obj._meta.concrete_fields
                if f.name not in ("session_key", "session_data", "expire_date")}

    def get_session_cookie_age(self):
        return settings.SESSION_COOKIE_AGE

    def loaded(self):
        if self._key is not None or self._request:
            self.compare()

    def compare(self, expiry=False):
        """Compares what Go and Django read from what is stored and, with expiry, when it expires."""
        key = self.session_key
        if key is None or not self.engine:
            return
        data = self.as_django_reads_it(key)
        text = BRIDGE.call("load", {"key": key}, self.site())
        if data is None:
            if text is None and self.forgets_expired:
                return
            BRIDGE.disagree("Django does not find Go's session")
        if text is not None:
            self.agree(json.loads(text), data)
        if expiry:
            self.compare_expiry(key, data)

    def row(self, key):
        place = self.place()
        with contextlib.closing(sqlite3.connect(place["database"], timeout=30)) as c:
            return c.execute('SELECT session_data, expire_date FROM "%s" WHERE session_key = ?' % place["table"],
                             [key]).fetchone()

    def as_django_reads_it(self, key):
        row = self.row(key)
        return None if row is None else self.djangos(row[0])

    def compare_expiry(self, key, data):
        expires = self.row(key)[1]
        ref = base.SessionBase()
        ref._session_cache = data
        ref.get_session_cookie_age = self.get_session_cookie_age
        date = ref.get_expiry_date()
        if settings.USE_TZ:
            date = timezone.make_naive(date, datetime.timezone.utc)
        if abs(datetime.datetime.fromisoformat(expires) - date) > datetime.timedelta(minutes=1):
            BRIDGE.disagree("Go stores that it expires at %s; Django: %s" % (expires, date))

    def load(self):
        text = BRIDGE.call("load", {"key": self.session_key or ""}, self.site())
        if text is None:
            if not self._handle:
                self._key = None
            return {}
        return json.loads(text)

    def exists(self, session_key):
        return BRIDGE.call("exists", {"key": session_key or ""}, self.site())

    def create(self):
        self.take(self.call("session.create"))
        self.compare(expiry=True)

    def save(self, must_create=False):
        if self.session_key is None:
            if not self._handle:
                return self.create()
        elif must_create:
            raise NotImplementedError("not bridged: must_create with a key")
        self.go()
        try:
            self.take(self.call("session.save"))
        except GoError as e:
            if e.kind == "interrupted":
                raise base.UpdateError
            raise
        self.compare(expiry=True)

    def delete(self, session_key=None):
        session_key = session_key or self.session_key
        if session_key is not None:
            BRIDGE.call("delete", {"key": session_key}, self.site())

    def flush(self):
        self.go()
        self.take(self.call("session.flush"))

    def cycle_key(self):
        self.go()
        self.take(self.call("session.cycle"))
        self.compare(expiry=True)

    @classmethod
    def clear_expired(cls):
        BRIDGE.call("clear_expired", {}, site_of(cls.__qualname__, cls.engine, settings.SESSION_COOKIE_AGE, **cls.place()))

    def _get_new_session_key(self):
        return self.call("key.new")
