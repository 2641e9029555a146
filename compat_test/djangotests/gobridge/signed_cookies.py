"""Signed cookies with Go doing the work."""
from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.request import RAISE_ERROR
from django.http.response import HttpResponseBase

from gobridge.reference import PRISTINE, both
from gobridge.signing import seconds
from gobridge.wire import BRIDGE, b64, un64

new_salt = getattr(PRISTINE, "_cookie_signer_salt", None)  # Django 4.2 has only the older salt


def cookie(name, salt, value, **more):
    return {"key": b64(settings.SECRET_KEY), "fallbacks": [b64(k) for k in settings.SECRET_KEY_FALLBACKS],
            "name": name, "salt": salt, "value": b64(value), "write_legacy": new_salt is None,
            "read_legacy": bool(getattr(settings, "SIGNED_COOKIE_LEGACY_SALT_FALLBACK", False)), **more}


def set_signed_cookie(self, key, value, salt="", **kwargs):
    signed = both(lambda: un64(BRIDGE.call("cookie.sign", cookie(key, salt, value))),
                  lambda: PRISTINE.get_cookie_signer(salt=new_salt(key, salt) if new_salt else key + salt).sign(value))
    return self.set_cookie(key, signed, **kwargs)


def get_signed_cookie(self, key, default=RAISE_ERROR, salt="", max_age=None):
    def django():
        if new_salt:
            return PRISTINE._unsign_cookie(value, cookie_name=key, salt=salt, max_age=max_age)
        return PRISTINE.get_cookie_signer(salt=key + salt).unsign(value, max_age=max_age)
    try:
        value = self.COOKIES[key]
        return both(lambda: un64(BRIDGE.call("cookie.unsign", cookie(key, salt, value, **seconds({"max_age": max_age})))),
                    django)
    except (KeyError, signing.BadSignature):
        if default is RAISE_ERROR:
            raise
        return default


def install():
    HttpResponseBase.set_signed_cookie, HttpRequest.get_signed_cookie = set_signed_cookie, get_signed_cookie
