"""The dict and the flags of a session with Go doing the work."""
import datetime
import json

from django.conf import settings
from django.utils import timezone

from gobridge.reference import PRISTINE
from gobridge.sites import site_of
from gobridge.wire import BRIDGE, GoError, as_aware, instant, to_json

missing = object()


class Dict:
    """A session whose dict and flags are those of a Go session. It is loaded on first use, as in Django."""

    engine = ""  # no store
    _handle = None  # of the Go session, once it exists
    _state = {"accessed": False, "modified": False}
    _request = None  # while the middleware runs, the request with this session
    _key = None  # until the Go session exists

    # The Go session.

    def site(self):
        return site_of(type(self).__qualname__, self.engine, self.get_session_cookie_age())

    def call(self, op, args=None, now=None):
        if self._handle:
            args = {"handle": self._handle, **(args or {})}
        return BRIDGE.call(op, args, self.site(), now, {"extra_columns": self.extra_columns})

    def go(self):
        """Makes the Go session if there is none yet."""
        if self._handle:
            return
        if self._request:
            self.take(self.call("request.session", {"request": self._request}))
        elif self._key is None:
            self.take(self.call("session.new"))
        else:
            try:
                self.take(self.call("session.open", {"key": self._key}))
            except GoError as e:
                if e.kind != "not_found":
                    raise
                self.take(self.call("session.new"))
        self.loaded()

    def loaded(self):
        pass

    def take(self, state):
        self._handle = state.get("handle", self._handle)
        self._state = state
        return state.get("result")

    def do(self, method, now=None, **args):
        self.go()
        return self.take(self.call("session.do", {"do": method, **args}, now))

    def extra_columns(self, data):
        raise NotImplementedError("this session has no columns")

    # The methods of Django's session.

    def _get_session_key(self):
        return self._state["key"] or None if self._handle else self._key

    def _set_session_key(self, key):
        if self._handle:
            raise NotImplementedError("not bridged: another key for a session that was loaded")
        self._key = key if key is not None and self.call("key.valid", {"key": key}) else None

    session_key = property(_get_session_key)
    _session_key = property(_get_session_key, _set_session_key)

    def flag(name):
        def get(self):
            if not self._handle and self._request is None and self._key is None:
                self.go()
            return self._state[name]

        def put(self, on):
            if on or self._handle:
                self.go()
                self.take(self.call("session.flag", {"flag": name, "on": bool(on)}))

        return property(get, put)

    accessed, modified = flag("accessed"), flag("modified")

    @property
    def _session_cache(self):
        if not self._handle:
            raise AttributeError("_session_cache")
        return json.loads(self.do("items"))

    @_session_cache.deleter
    def _session_cache(self):
        self._key, self._handle, self._state = self.session_key, None, Dict._state

    def __contains__(self, key):
        return self.do("has", key=key)

    def __getitem__(self, key):
        value = self.get(key, missing)
        if value is missing:
            raise KeyError(key)
        return value

    def __setitem__(self, key, value):
        self.do("set", key=key, json=to_json(value))

    def __delitem__(self, key):
        if not self.do("delete", key=key):
            raise KeyError(key)

    def __bool__(self):
        return not self.is_empty()

    def get(self, key, default=None):
        value = self.do("get", key=key)
        return default if value is None else json.loads(value)

    def pop(self, key, default=missing):
        value = self.do("pop", key=key)
        if value is None and default is missing:
            raise KeyError(key)
        return default if value is None else json.loads(value)

    def setdefault(self, key, value):
        return json.loads(self.do("setdefault", key=key, json=to_json(value)))

    def update(self, dict_):
        self.do("update", values=dict_)

    def has_key(self, key):
        return self.do("has", key=key)

    def keys(self):
        return dict.fromkeys(self.do("keys")).keys()

    def values(self):
        return dict(enumerate(map(json.loads, self.do("values")))).values()

    def items(self):
        return json.loads(self.do("items")).items()

    def clear(self):
        self.do("clear")

    def is_empty(self):
        if self._handle:
            self.take(self.call("session.state"))
            return self._state["empty"]
        if self._key is None:
            self.go()
            return self._state["empty"]
        return self.call("session.empty_with", {"key": self._key})

    def set_test_cookie(self):
        self.do("set_test_cookie")

    def test_cookie_worked(self):
        return self.do("test_cookie_worked")

    def delete_test_cookie(self):
        if not self.do("delete_test_cookie"):
            raise KeyError(self.TEST_COOKIE_NAME)

    def encode(self, session_dict):
        text = self.call("encode", {"text": to_json(session_dict)})
        self.agree(json.loads(to_json(session_dict)), self.djangos(text))
        return text

    def decode(self, session_data):
        data = json.loads(self.call("decode", {"text": session_data}))
        self.agree(data, self.djangos(session_data))
        return data

    def djangos(self, text):
        """What Django decodes from a text; it logs nothing."""
        try:
            return PRISTINE.loads(text, salt=self.key_salt, serializer=self.serializer)
        except Exception:
            return {}

    def agree(self, go, django):
        if go != django:
            BRIDGE.disagree("Go: %r; Django: %r" % (go, django))

    def set_expiry(self, value):
        if value is None:
            self.do("reset_expiry")
            return
        if isinstance(value, datetime.timedelta):
            value = timezone.now() + value
        if isinstance(value, datetime.datetime):
            self.do("set_expiry_date", date=instant(value))
            value = value.isoformat() if not value.utcoffset() else as_aware(value).astimezone(
                datetime.timezone.utc).isoformat()
        else:
            self.do("set_expiry", seconds=value)
        self.agree(self.do("get", key="_session_expiry"), to_json(value))  # as Django spells it

    def when(self, kwargs):
        if kwargs.keys() - {"modification"}:
            raise NotImplementedError("not bridged: %s" % kwargs)
        return kwargs.get("modification")

    def get_expiry_age(self, **kwargs):
        return self.do("expiry_age", self.when(kwargs))

    def get_expiry_date(self, **kwargs):
        date = datetime.datetime.fromisoformat(self.do("expiry_date", self.when(kwargs)))
        return date if settings.USE_TZ else timezone.make_naive(date, timezone.get_default_timezone())

    def get_expire_at_browser_close(self):
        return self.do("browser_close")
