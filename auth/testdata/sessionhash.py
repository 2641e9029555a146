"""Writes the session hashes of user models with a get_session_auth_hash of their own, for the Go tests beside it.

    pip install django && python sessionhash.py > sessionhash-$(python -m django --version | cut -d. -f1,2).json
"""

import json
import sys

import django
from django.conf import settings

FALLBACK = "an older secret"
settings.configure(SECRET_KEY="a secret of the tests", SECRET_KEY_FALLBACKS=[FALLBACK], USE_TZ=True,
                   INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"])
django.setup()

from django.contrib.auth.base_user import AbstractBaseUser  # noqa: E402
from django.db import models  # noqa: E402
from django.test import override_settings  # noqa: E402
from django.utils.crypto import salted_hmac  # noqa: E402

KEY_SALT = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
# What AbstractBaseUser itself passes.
ALGORITHM = {"algorithm": "sha256"} if django.VERSION >= (3, 1) else {}


class Member(AbstractBaseUser):
    email = models.EmailField()
    session_token = models.CharField(max_length=40)
    version = models.IntegerField(default=0)

    class Meta:
        app_label = "accounts"


class OwnSalt(Member):
    class Meta:
        proxy = True
        app_label = "accounts"

    def get_session_auth_hash(self):
        return salted_hmac("accounts.Member.get_session_auth_hash", self.password, **ALGORITHM).hexdigest()


class PasswordAndEmail(Member):
    class Meta:
        proxy = True
        app_label = "accounts"

    def get_session_auth_hash(self):
        return salted_hmac(KEY_SALT, self.password + self.email, **ALGORITHM).hexdigest()


class PasswordAndToken(Member):
    class Meta:
        proxy = True
        app_label = "accounts"

    def get_session_auth_hash(self):
        return salted_hmac(KEY_SALT, "%s|%s|%d" % (self.password, self.session_token, self.version), **ALGORITHM).hexdigest()


class OldStyle(Member):
    """Without an algorithm: SHA-1 in every Django."""

    class Meta:
        proxy = True
        app_label = "accounts"

    def get_session_auth_hash(self):
        return salted_hmac("accounts.Member", self.password).hexdigest()


class TokenAlone(Member):
    """No HMAC at all."""

    class Meta:
        proxy = True
        app_label = "accounts"

    def get_session_auth_hash(self):
        return self.session_token


def hash_of(model):
    return model(password="pbkdf2_sha256$1$salt$päss", email="ann@example.com", session_token="grün", version=7).get_session_auth_hash()


hashes = {}
for model in (Member, OwnSalt, PasswordAndEmail, PasswordAndToken, OldStyle, TokenAlone):
    current = hash_of(model)
    # What was written before the secret was changed.
    with override_settings(SECRET_KEY=FALLBACK):
        hashes[model.__name__] = {"current": current, "older": hash_of(model)}
json.dump({"django": "%d.%d" % django.VERSION[:2], "hashes": hashes}, sys.stdout, indent=1)
print()
