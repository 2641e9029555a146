"""A clock that can be stopped. Import it before anything of Django but its settings."""

import datetime
import time

from django.conf import settings
from django.utils import timezone

_real_time = time.time
_real_now = timezone.now
_stopped_at = None  # microseconds since 1970, or None while the clock runs
_EPOCH = datetime.datetime(1970, 1, 1)

# The object that this Django itself uses for UTC.
UTC = getattr(timezone, "utc", None) or datetime.timezone.utc


def stop(at):
    """Stops the clock at so many seconds since 1970; None lets it run again."""
    global _stopped_at
    _stopped_at = None if at is None else round(at * 1000000)


def _time():
    return _real_time() if _stopped_at is None else _stopped_at / 1000000


def _now():
    if _stopped_at is None:
        return _real_now()
    if settings.USE_TZ:
        return (_EPOCH + datetime.timedelta(microseconds=_stopped_at)).replace(tzinfo=UTC)
    seconds, microseconds = divmod(_stopped_at, 1000000)
    return datetime.datetime.fromtimestamp(seconds).replace(microsecond=microseconds)


time.time = _time
timezone.now = _now
