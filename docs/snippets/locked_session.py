from contextlib import contextmanager

from django.db import router, transaction
from django.utils import timezone

try:
    from django.contrib.sessions.exceptions import SessionInterrupted
except ImportError:  # before Django 3.2; Django answers either with 400
    from django.core.exceptions import SuspiciousOperation as SessionInterrupted


@contextmanager
def locked_session(request):
    """The request's session, locked against other writers until the block ends."""
    session, key = request.session, request.session.session_key
    if key is None:  # a new visitor's session, which nobody else has
        yield session
        return
    database = router.db_for_write(session.model, instance=session.model(session_key=key))
    rows = session.model.objects.using(database).select_for_update()
    with transaction.atomic(using=database):
        row = rows.filter(session_key=key, expire_date__gt=timezone.now()).first()
        if row is None:
            session._session_key, session._session_cache = None, {}
            raise SessionInterrupted("The session has ended meanwhile.")
        session._session_cache = session.decode(row.session_data)  # the one loaded before the lock may be outdated
        session.modified = False
        try:
            yield session
            if session.modified and session.session_key == key:
                session.save()
                session.modified = False  # otherwise the middleware saves again, unlocked
        except BaseException:
            session._session_key, session.modified = key, False  # none of it is saved
            del session._session_cache  # reloaded on the next access
            raise
