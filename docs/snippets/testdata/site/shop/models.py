from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class Visit(AbstractBaseSession):
    """A session model of the site's own, as in Django's documentation."""

    account_id = models.CharField(max_length=40, db_index=True)

    @classmethod
    def get_session_store_class(cls):
        from shop.store import SessionStore

        return SessionStore

    class Meta:
        db_table = "shop_visit"
