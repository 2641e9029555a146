"""Session models and stores of a site's own."""
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.db import models

from djsession import db


class AccountSession(AbstractBaseSession):
    account = models.IntegerField(null=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "account sessions"


class Device(models.Model):
    session = models.ForeignKey(AccountSession, on_delete=models.CASCADE)


class ChildSession(Session):
    account = models.IntegerField(null=True)


class StubbornSession(AbstractBaseSession):
    """Saves without Django's _do_update, and so without a compare and swap."""

    def save(self, *args, **kwargs):
        if kwargs.get("force_update"):
            type(self).objects.filter(pk=self.pk).update(session_data=self.session_data, expire_date=self.expire_date)
        else:
            super().save(*args, **kwargs)


class SessionStore(db.SessionStore):
    @classmethod
    def get_model_class(cls):
        return AccountSession

    def create_model_instance(self, data):
        obj = super().create_model_instance(data)
        if hasattr(obj, "account"):
            obj.account = data.get("account")
        return obj


class ChildStore(SessionStore):
    @classmethod
    def get_model_class(cls):
        return ChildSession


class StubbornStore(SessionStore):
    @classmethod
    def get_model_class(cls):
        return StubbornSession
