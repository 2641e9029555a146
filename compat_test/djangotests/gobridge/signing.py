"""django.core.signing with Go doing the work."""
import base64
import datetime
import functools
import json

from django.conf import settings
from django.core import signing

from gobridge.reference import PRISTINE, both
from gobridge.wire import BRIDGE, b64, to_json, un64

plain = signing.JSONSerializer
Plain, Timed = signing.Signer, signing.TimestampSigner


class Signing:
    timed = False

    def __init__(self, *args, **kwargs):
        # Django's constructor sets the defaults. It gets a valid separator: checking that is left to Go.
        sep = kwargs.get("sep", ":")
        if len(args) > 1:
            sep, args = args[1], (args[0], ":", *args[2:])
        elif "sep" in kwargs:
            kwargs["sep"] = ":"
        super().__init__(*args, **kwargs)
        self.sep = sep
        self.fallback_keys = list(self.fallback_keys)
        positional = dict(zip(["key", "sep", "salt", "algorithm"], args))
        self.explicit = {n: kwargs.get(n) or positional.get(n) for n in ("salt", "algorithm")}
        if sep == "":
            BRIDGE.note("Signer(sep=''): in Go an empty Separator is the default (signing.Options); the tests see that "
                        "Django rejects it")
            self.djangos()
        # Django checks the algorithm only when it signs.
        both(lambda: BRIDGE.call("signer.new", self.spec(algorithm="")), lambda: self.djangos() and None)

    def djangos(self):
        c = getattr(PRISTINE, "TimestampSigner" if self.timed else "Signer")
        return c(key=self.key, sep=self.sep, salt=self.salt, algorithm=self.algorithm, fallback_keys=self.fallback_keys)

    def spec(self, **more):
        own = type(self) not in (signing.Signer, signing.TimestampSigner)
        return {"timed": self.timed, "key": b64(self.key), "fallbacks": [b64(k) for k in self.fallback_keys],
                "sep": "" if self.sep == ":" else self.sep,
                "salt": self.salt if self.explicit["salt"] or own else "",  # "" is Go's own default
                "algorithm": self.explicit["algorithm"] or "", **more}

    def signature(self, value, key=None):
        spec = self.spec(value=b64(value))
        if key:
            spec["key"] = b64(key)
        return both(lambda: un64(BRIDGE.call("signer.signature", spec)), lambda: self.djangos().signature(value, key))

    def sign(self, value):
        return both(lambda: un64(BRIDGE.call("signer.sign", self.spec(value=b64(str(value))))),
                    lambda: self.djangos().sign(value))

    def unsign(self, signed_value, **kwargs):
        return both(lambda: un64(BRIDGE.call("signer.unsign", self.spec(value=b64(signed_value), **seconds(kwargs)))),
                    lambda: self.djangos().unsign(signed_value, **kwargs))

    def sign_object(self, obj, serializer=plain, compress=False):
        def go():
            if serializer is plain:
                return un64(BRIDGE.call("signer.sign_object", self.spec(object=to_json(obj), compress=compress)))
            return un64(BRIDGE.call("signer.sign_payload", self.spec(value=b64(serializer().dumps(obj)), compress=compress)))
        return both(go, lambda: self.djangos().sign_object(obj, serializer, compress),
                    lambda a, b: self.djangos().unsign_object(a, serializer) == self.djangos().unsign_object(b, serializer))

    def unsign_object(self, signed_obj, serializer=plain, **kwargs):
        def go():
            spec = self.spec(value=b64(signed_obj), **seconds(kwargs))
            if serializer is plain:
                return json.loads(BRIDGE.call("signer.unsign_object", spec))
            return serializer().loads(base64.b64decode(BRIDGE.call("signer.payload", spec)))
        return both(go, lambda: self.djangos().unsign_object(signed_obj, serializer, **kwargs))


def seconds(kwargs):
    age = kwargs.get("max_age")
    return {"max_age": age.total_seconds() if isinstance(age, datetime.timedelta) else age}


class Signer(Signing, Plain):
    pass


class TimestampSigner(Signing, Timed):
    timed = True

    def timestamp(self):
        return both(lambda: BRIDGE.call("signer.timestamp", self.spec()), lambda: self.djangos().timestamp())


def dumps(obj, key=None, salt="django.core.signing", serializer=plain, compress=False):
    if serializer is not plain:
        return TimestampSigner(key=key, salt=salt).sign_object(obj, serializer, compress)
    spec = {"key": b64(key or settings.SECRET_KEY), "salt": "" if salt == "django.core.signing" else salt,
            "object": to_json(obj), "compress": compress}
    read = functools.partial(PRISTINE.loads, key=key, salt=salt)
    return both(lambda: un64(BRIDGE.call("dumps", spec)), lambda: PRISTINE.dumps(obj, key, salt, compress=compress),
                lambda a, b: read(a) == read(b))


def loads(s, key=None, salt="django.core.signing", serializer=plain, max_age=None, fallback_keys=None):
    if serializer is not plain:
        return TimestampSigner(key=key, salt=salt, fallback_keys=fallback_keys).unsign_object(s, serializer, max_age=max_age)
    fallbacks = settings.SECRET_KEY_FALLBACKS if fallback_keys is None else fallback_keys
    spec = {"key": b64(key or settings.SECRET_KEY), "salt": "" if salt == "django.core.signing" else salt,
            "fallbacks": [b64(k) for k in fallbacks], "value": b64(s), **seconds({"max_age": max_age})}
    return both(lambda: json.loads(BRIDGE.call("loads", spec)),
                lambda: PRISTINE.loads(s, key, salt, max_age=max_age, fallback_keys=fallback_keys))


def b62_encode(n):
    return both(lambda: BRIDGE.call("b62.encode", {"number": n}), lambda: PRISTINE.b62_encode(n))


def b62_decode(s):
    return both(lambda: BRIDGE.call("b62.decode", {"value": b64(s)}), lambda: PRISTINE.b62_decode(s))


def install():
    for c in (Signer, TimestampSigner):
        c.__module__, c.__qualname__ = "django.core.signing", c.__name__
        setattr(signing, c.__name__, c)
    signing.dumps, signing.loads = dumps, loads
    signing.b62_encode, signing.b62_decode = b62_encode, b62_decode
    # base64_hmac stays Django's: the tests compare signatures with it.
