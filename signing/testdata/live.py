"""Answer questions about this Python and its Django, a JSON list a line on stdin, a JSON list a line on stdout.

["url", hex] and ["std", hex] ask for signing.b64_decode and base64.b64decode of bytes;
["unsign", text, max_age] and ["loads", text, max_age] ask the TimestampSigner of the key "key" and the salt "salt" at
second NOW; ["cookie", name, salt, text, max_age] asks for the signed cookie. The answer holds a value or an error; bytes
come as length and SHA-256.
"""

import base64
import binascii
import hashlib
import inspect
import json
import sys
import zlib

from django.conf import settings

settings.configure(SECRET_KEY="key", SECRET_KEY_FALLBACKS=["old"], SIGNED_COOKIE_LEGACY_SALT_FALLBACK=True)

import django  # noqa: E402
from django.core import signing  # noqa: E402
from django.http import HttpRequest  # noqa: E402

NOW = 1700000000.25


class Clock:
    @staticmethod
    def time():
        return NOW


class Raw:
    def loads(self, data):
        return data


signing.time = Clock


def digest(data):
    return [len(data), hashlib.sha256(data).hexdigest()]


def cookie(name, salt, text, max_age):
    request = HttpRequest()
    request.COOKIES[name] = text
    return request.get_signed_cookie(name, salt=salt, max_age=max_age)


OPERATIONS = {
    "url": lambda text: digest(signing.b64_decode(bytes.fromhex(text))),
    "std": lambda text: digest(base64.b64decode(bytes.fromhex(text))),
    "unsign": lambda text, max_age: signing.TimestampSigner(key="key", salt="salt").unsign(text, max_age=max_age),
    "loads": lambda text, max_age: digest(signing.loads(text, key="key", salt="salt", serializer=Raw, max_age=max_age)),
    "cookie": cookie,
}


def answer(operation, *arguments):
    try:
        return {"value": OPERATIONS[operation](*arguments)}
    except signing.SignatureExpired:
        return {"error": "expired"}
    except signing.BadSignature as e:
        return {"error": "separator" if str(e).startswith("No ") else "mismatch"}
    except binascii.Error:
        return {"error": "base64"}
    except zlib.error:
        return {"error": "zlib"}
    except (ValueError, IndexError, OverflowError):
        return {"error": "timestamp"}


print(json.dumps({
    "django": django.get_version(),
    "python": sys.version.split()[0],
    "algorithm": "sha256" if "algorithm" in inspect.signature(signing.base64_hmac).parameters else "sha1",
    "legacy_algorithm": getattr(signing.Signer, "legacy_algorithm", ""),
    "fallback": hasattr(signing, "_cookie_signer_key"),
    "v2": hasattr(signing, "_cookie_signer_salt"),
}))
for line in sys.stdin:
    print(json.dumps(answer(*json.loads(line))))
