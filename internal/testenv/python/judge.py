"""What this Django says of a session's text."""

import logging

from django.contrib.sessions.backends.db import SessionStore

# Django decodes the text to a dict.
OK = "ok"
# Django logs that the session data is corrupted, and goes on with an empty session.
BAD_SIGNATURE = "bad_signature"
# Django goes on with an empty session and says nothing.
UNREADABLE = "unreadable"
# Django's decode raises, which makes the request fail.
RAISES = "raises"
# Django decodes the text to something that is no dict, and fails when it is used.
NOT_A_DICT = "not_a_dict"


class _Warnings(logging.Handler):
    def __init__(self):
        super().__init__()
        self.count = 0

    def emit(self, record):
        self.count += 1


_warnings = _Warnings()
_logger = logging.getLogger("django.security.SuspiciousSession")
_logger.addHandler(_warnings)
_logger.propagate = False


def name_of(exception):
    """The exception's class: with its module, unless that is a builtin."""
    kind = type(exception)
    return kind.__qualname__ if kind.__module__ == "builtins" else kind.__module__ + "." + kind.__qualname__


def decode(text):
    """Returns the verdict, the value (None unless it is OK or NOT_A_DICT), and the
    name of the exception's class (None unless it is RAISES)."""
    store = SessionStore()
    read = []

    class Recording(store.serializer):
        # Django returns an empty dict for an unreadable text; a text that holds one is
        # told apart by its having been read.
        def loads(self, data):
            value = super().loads(data)
            read.append(value)
            return value

    store.serializer = Recording
    before = _warnings.count
    try:
        value = store.decode(text)
    except Exception as exception:
        return RAISES, None, name_of(exception)
    if read and read[-1] is value:
        return (OK if isinstance(value, dict) else NOT_A_DICT), value, None
    return (BAD_SIGNATURE if _warnings.count > before else UNREADABLE), None, None


def expiry(session):
    """What a session's three expiry methods say; "error" names what one raised."""
    try:
        return {
            "age": _number(session.get_expiry_age()),
            "date": session.get_expiry_date().isoformat(),
            "browser_close": bool(session.get_expire_at_browser_close()),
        }
    except Exception as exception:
        return {"error": name_of(exception)}


def _number(age):
    return int(age) if isinstance(age, bool) else age
