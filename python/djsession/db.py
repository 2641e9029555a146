"""SESSION_ENGINE = "djsession.db": Django's db engine, saving by merging."""
from django.contrib.sessions.backends import db

from .rows import RowStore

if hasattr(db.SessionStore, "asave"):
    from .aio import Async
else:
    class Async:
        pass


class SessionStore(Async, RowStore, db.SessionStore):
    """Django's db.SessionStore, with the same rows: see RowStore. The class's name is part of the salt of each row."""
