"""SESSION_ENGINE = "djsession.db": Django's db engine, saving by merging."""
from django.contrib.sessions.backends import db

from .aio import Async
from .rows import RowStore


class SessionStore(Async, RowStore, db.SessionStore):
    """Django's db.SessionStore, with the same rows: see RowStore. The class's name is part of the salt of each row."""
