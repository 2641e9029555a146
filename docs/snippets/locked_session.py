from contextlib import contextmanager

from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone


@contextmanager
def locked_session(request):
    """The request's session, for changes that no other write gets between."""
    key, store = request.session.session_key, type(request.session)
    if key is None:  # a new visitor's, which nobody else can have
        yield request.session
        return
    with transaction.atomic():
        try:
            Session.objects.select_for_update().get(session_key=key, expire_date__gt=timezone.now())
        except Session.DoesNotExist:
            raise SessionInterrupted("The session has ended meanwhile.") from None
        request.session = store(key)  # what was loaded before the lock may be old
        try:
            yield request.session
        except BaseException:
            request.session = store(key)  # none of it is to be saved
            raise
        request.session.save()
        request.session.modified = False  # or the middleware saves again, unlocked
