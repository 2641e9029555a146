"""Write golden-<Django version>.json: what this Django signs, and what it says of texts to be verified.

    python golden.py

Run it once under each Django that a file is wanted for. The output does not depend on the time or on chance.
"""

import binascii
import inspect
import json
import os
import platform
import zlib

import django
from django.conf import settings

settings.configure(SECRET_KEY="unused", SECRET_KEY_FALLBACKS=[])
django.setup()

from django.core import signing  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.test import override_settings  # noqa: E402
from django.utils.crypto import salted_hmac  # noqa: E402

NOW = 1700000000.25
KEY = "django-insecure-golden-\u00e9-key"
OTHER = "an older key"
BYTES_KEY = b"\xff\xfe raw key \x00"


class Clock:
    now = NOW

    def time(self):
        return self.now


signing.time = Clock()
TAKES = inspect.signature(signing.Signer.__init__).parameters
HAS_ALGORITHM = "algorithm" in inspect.signature(salted_hmac).parameters
HAS_FALLBACKS = hasattr(signing, "_cookie_signer_key")
HAS_V2_COOKIES = hasattr(signing, "_cookie_signer_salt")
ALGORITHMS = ["sha1", "sha256", "sha384", "sha512"] if HAS_ALGORITHM else ["sha1"]
DEFAULT = "sha256" if HAS_ALGORITHM else "sha1"
LEGACY = getattr(signing.Signer, "legacy_algorithm", "")


class Raw:
    """A serializer of bytes, which shows what base64 and zlib make of a text."""

    def dumps(self, data):
        return data

    def loads(self, data):
        return data


def hexed(key):
    return (key if isinstance(key, bytes) else key.encode()).hex()


def signer(cls, key, salt, sep, algorithm, fallbacks=()):
    kwargs = {"key": key, "salt": salt, "sep": sep}
    if HAS_ALGORITHM:
        kwargs["algorithm"] = algorithm
    if HAS_FALLBACKS:
        kwargs["fallback_keys"] = fallbacks
    return getattr(signing, cls)(**kwargs)


def verdict(call):
    try:
        return {"value": call()}
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


def base62():
    encode = signing.b62_encode if hasattr(signing, "b62_encode") else signing.baseconv.base62.encode
    decode = signing.b62_decode if hasattr(signing, "b62_decode") else signing.baseconv.base62.decode
    numbers = [0, 1, 9, 10, 35, 36, 61, 62, 63, 3843, 3844, 1700000000, 2**31, 2**63 - 1, -1, -61, -62, -(2**63)]
    texts = ["", "0", "-", "-0", "--1", "00", "001", "0-1", "z", "10", "+1", " 1", "1 ", "1_0", "\u0661", "AzL8n0Y58m7",
             "AzL8n0Y58m8", "-AzL8n0Y58m8", "-AzL8n0Y58m9", "zzzzzzzzzzz", "-zzzzzzzzzzzz", "0" * 40 + "1"]

    def decoded(text):
        try:
            return str(decode(text))
        except (ValueError, IndexError):
            return None

    return {
        "encode": [[str(n), encode(n)] for n in numbers],
        "decode": [[text, decoded(text)] for text in texts],
    }


def hmacs():
    for algorithm in ALGORITHMS:
        for secret in [KEY, BYTES_KEY, "", "k" * 200]:
            for salt, value in [("", ""), ("salt", "value"), ("s\u00e4lt", "\U0001f600 value\n"), ("s" * 300, "v" * 600)]:
                extra = {"algorithm": algorithm} if HAS_ALGORITHM else {}
                yield {"algorithm": algorithm, "secret": hexed(secret), "salt": salt, "value": value,
                       "digest": salted_hmac(salt, value, secret, **extra).hexdigest()}


def signed():
    values = ["", "hello", "a:b:c", ":", "\u00e9\u4e2d\U0001f600", "line\nbreak\r\n", "v" * 600]
    for cls in ["Signer", "TimestampSigner"]:
        for algorithm in ALGORITHMS:
            for key in [KEY, BYTES_KEY]:
                for salt in ["", "a salt", "s\u00e4lt"]:
                    yield from (sign(cls, key, salt, ":", algorithm, NOW, value) for value in values[:4])
        for sep in ["!", "::", "a:", "\u2192", "/", " "]:
            yield from (sign(cls, KEY, "", sep, DEFAULT, NOW, value) for value in values[:6] + ["x" + sep + "y" + sep[:1]])
        yield from (sign(cls, KEY, "", ":", DEFAULT, NOW, value) for value in values)
        for now in [0, 0.75, -1.5, 61, 62, 2**31 + 0.5, 1e11]:
            yield sign(cls, KEY, "", ":", DEFAULT, now, "value")


def sign(cls, key, salt, sep, algorithm, now, value):
    signing.time.now = now
    s = signer(cls, key, salt, sep, algorithm)
    return {"class": cls, "key": hexed(key), "salt": salt, "sep": sep, "algorithm": algorithm, "now": now, "value": value,
            "signature": s.signature(value), "signed": s.sign(value)}


def separators():
    candidates = [":", "", "\n", "a\n", ":\n", "\n\n", "=", "-", "_", "[", "\\", "]", "^", "`", "@", "{", "a-z", "a:z", "A0=_-", "\u00e9",
                  ".", "+", "/", " ", "A\n\n", "\r", "a\r\n"]

    def refused(sep):
        try:
            signing.Signer(key="k", sep=sep)
            return False
        except ValueError:
            return True

    return [[sep, refused(sep)] for sep in candidates]


def dumped():
    signing.time.now = NOW
    for data in [b"", b"{}", b'"hello"', b"a" * 10, b"a" * 11, b"a" * 12, b"abc" * 40, bytes(range(256)),
                 json.dumps(list(range(400)), separators=(",", ":")).encode()]:
        for compress in [False, True]:
            for key, salt in [(KEY, "django.core.signing"), (BYTES_KEY, "another salt")]:
                yield {"key": hexed(key), "salt": salt, "compress": compress, "now": NOW, "data": data.hex(),
                       "signed": signing.dumps(data, key=key, salt=salt, serializer=Raw, compress=compress)}


def objects():
    signing.time.now = NOW
    for obj in [None, True, 0, -7, 1.5, "h\u00e9 \U0001f600 </script>", [1, 2, 3], {"b": 1, "a": {"c": []}}, {}, "x" * 500]:
        for compress in [False, True]:
            yield {"key": hexed(KEY), "salt": "django.core.signing", "compress": compress, "now": NOW,
                   "json": json.dumps(obj, separators=(",", ":")),
                   "signed": signing.dumps(obj, key=KEY, compress=compress)}


def unsigned():
    """What unsign says of texts that are wrong, odd, old or new in every way."""

    def check(cls, text, max_age=None, now=NOW, sep=":", algorithm=DEFAULT, fallbacks=()):
        signing.time.now = now
        s = signer(cls, KEY, "salt", sep, algorithm, fallbacks)
        call = (lambda: s.unsign(text, max_age=max_age)) if cls == "TimestampSigner" else (lambda: s.unsign(text))
        return dict(verdict(call), **{"class": cls, "text": text, "max_age": max_age, "now": now, "sep": sep, "algorithm": algorithm,
                                      "fallbacks": [hexed(k) for k in fallbacks]})

    signing.time.now = NOW
    plain = signer("Signer", KEY, "salt", ":", DEFAULT)
    stamped = signer("TimestampSigner", KEY, "salt", ":", DEFAULT)
    good = {"Signer": plain.sign("va:lue"), "TimestampSigner": stamped.sign("va:lue")}
    for cls, text in good.items():
        signature = text.rsplit(":", 1)[1]
        last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        sibling = text[:-1] + last[last.index(text[-1]) ^ 1]  # decodes to the same digest, unless bits are left over
        for odd in [text, "", ":", "value", text[:-1], text + "=", text + "\n", text[:-3] + "\n" + text[-3:], " " + text, text + " ",
                    sibling, text.replace("va", "Va"), text.swapcase(), text.replace(":", ""), text.replace(":", "::"), ":" + signature,
                    text + ":" + signature, text.replace(signature, ""), text.replace("-", "+").replace("_", "/") + "!",
                    text.replace("value", "v\u0430lue"), text + "\u00e9"]:
            yield check(cls, odd)
        yield check(cls, text, sep="!")
        for algorithm in ALGORITHMS:
            yield check(cls, signer(cls, KEY, "salt", ":", algorithm).sign("v"))
            yield check(cls, text, algorithm=algorithm)
        yield check(cls, signer(cls, KEY, "another salt", ":", DEFAULT).sign("v"))
        yield check(cls, signer(cls, OTHER, "salt", ":", DEFAULT).sign("v"))
        if HAS_FALLBACKS:
            for fallbacks in [[OTHER], ["x", OTHER], [BYTES_KEY, "x"], [BYTES_KEY, KEY]]:
                for key in [KEY, OTHER, BYTES_KEY]:
                    yield check(cls, signer(cls, key, "salt", ":", DEFAULT).sign("v"), fallbacks=fallbacks)
        # Ages: signed in second 1700000000, read at .25.
        for max_age in [None, 0, 0.2, 0.25, 0.3, 1, 10, -1, -10]:
            for now in [NOW - 5, NOW - 0.25, NOW, NOW + 0.75, NOW + 10, NOW + 9.75, NOW + 10.75]:
                yield check(cls, text, max_age=max_age, now=now)
    # Timestamps that no TimestampSigner writes.
    for stamp in ["", "0", "-", "--1", "-1", "0x!", "1 ", "\u0661", "zzzzzzzzzzz", "-zzzzzzzzzzz", "z" * 30, "-" + "z" * 30, "z" * 170, "z" * 180,
                  "-" + "z" * 180, "7" * 172, "8" * 172, "0" * 200 + "1", "AzL8n0Y58m7", "AzL8n0Y58m8"]:
        for max_age in [None, 60]:
            yield check("TimestampSigner", plain.sign("v:" + stamp), max_age=max_age)
    yield check("TimestampSigner", plain.sign("no timestamp"))
    yield check("TimestampSigner", plain.sign(":"))


def payloads():
    """What loads says of payloads that are well signed and odd."""
    signing.time.now = NOW
    stream = zlib.compress(b"hello hello hello")
    b64 = lambda data: signing.b64_encode(data).decode()  # noqa: E731
    small_window = zlib.compressobj(9, zlib.DEFLATED, 9)
    dictionary = zlib.compressobj(9, zlib.DEFLATED, 15, 8, 0, b"hello")
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    gzipped = zlib.compressobj(9, zlib.DEFLATED, 31)
    streams = [b"", stream, stream + b"tail", stream + stream, stream[:-1], stream[:-4], stream[:5], stream[1:], b"\x78\x9c", b"hello",
               stream[:-1] + bytes([stream[-1] ^ 1]), bytes([stream[0] ^ 16]) + stream[1:]]
    for o in [small_window, dictionary, raw, gzipped]:
        streams.append(o.compress(b"hello hello hello") + o.flush())
    texts = ["", ".", "..", "aGVsbG8", "aGVsbG8=", "aGVsbG8==", "aGVs\nbG8", "aGVsbG8\n", "aGV-bG_", "aGV+bG/", "a", "aGVsb", "aGVs.bG8", "a=b", "ab=c",
             "ab==cd", "ab=cd", "YQ=a=", "\u00e9", "aGVs\u00e9bG8", "aGVs\u00e9\u00e9bG8", "!!!!", "====", "aGV:sbG8", "..aGVsbG8", "aGVsbG8."]
    texts += ["." + b64(s) for s in streams] + ["." + b64(stream) + "=", ".\n" + b64(stream), b64(stream)]
    s = signing.TimestampSigner(key=KEY, salt="django.core.signing")
    for text in texts:
        signed_text = s.sign(text)
        got = verdict(lambda: signing.loads(signed_text, key=KEY, serializer=Raw).hex())
        yield dict(got, text=text, signed=signed_text)


def cookies():
    def check(name, salt, text, max_age, now, **extra):
        signing.time.now = now
        request = HttpRequest()
        request.COOKIES[name] = text
        with override_settings(SECRET_KEY=KEY, SECRET_KEY_FALLBACKS=[OTHER] if HAS_FALLBACKS else [], **extra):
            got = verdict(lambda: request.get_signed_cookie(name, salt=salt, max_age=max_age))
        return dict(got, name=name, salt=salt, text=text, max_age=max_age, now=now,
                    legacy_fallback=extra.get("SIGNED_COOKIE_LEGACY_SALT_FALLBACK", False))

    written, read = [], []
    pairs = [("theme", ""), ("theme", "salt"), ("the", "mesalt"), ("theme", "s\u00e4lt\U0001f600"), ("c", "\u4e2d" * 12)]
    for key in [KEY, OTHER, BYTES_KEY]:
        for name, salt in pairs:
            for value in ["dark", "", "a:b", "\u00e9"]:
                signing.time.now = NOW
                with override_settings(SECRET_KEY=key):
                    response = HttpResponse()
                    response.set_signed_cookie(name, value, salt=salt)
                    text = response.cookies[name].value
                    old = signing.get_cookie_signer(salt=name + salt).sign(value)
                settings_of = [{"SIGNED_COOKIE_LEGACY_SALT_FALLBACK": on} for on in [False, True]] if HAS_V2_COOKIES else [{}]
                written.append({"key": hexed(key), "name": name, "salt": salt, "now": NOW, "value": value, "signed": text, "old": old})
                for extra in settings_of if value in ("", "a:b") else []:
                    for odd in {text, old, text[:-1], text.replace(":", "")}:
                        for max_age, now in [(None, NOW), (60, NOW + 59), (60, NOW + 61), (0, NOW)]:
                            read.append(check(name, salt, odd, max_age, now, **extra))
    # The pairs of which name + salt is the same text.
    with override_settings(SECRET_KEY=KEY):
        for text in [w["signed"] for w in written[:12:4]]:
            for name, salt in pairs[:3]:
                for extra in settings_of:
                    read.append(check(name, salt, text, None, NOW, **extra))
    read.sort(key=lambda r: json.dumps(r, sort_keys=True))
    return {"v2": HAS_V2_COOKIES, "fallback": hexed(OTHER) if HAS_FALLBACKS else "", "key": hexed(KEY), "written": written, "read": read}


def main():
    golden = {
        "django": django.get_version(), "python": platform.python_version(), "zlib": zlib.ZLIB_RUNTIME_VERSION,
        "algorithm": DEFAULT, "legacy_algorithm": LEGACY, "key": hexed(KEY),
        "base62": base62(), "hmacs": list(hmacs()), "separators": separators(), "signed": list(signed()), "dumped": list(dumped()),
        "objects": list(objects()), "unsigned": list(unsigned()), "payloads": list(payloads()), "cookies": cookies(),
    }
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden-%s.json" % django.get_version())
    with open(path, "w", encoding="ascii") as f:
        write(golden, f)
        f.write("\n")
    print(path, {k: len(v) for k, v in golden.items() if isinstance(v, list)})


def write(value, f):
    """JSON with one vector a line."""
    if isinstance(value, dict) and any(isinstance(v, (list, dict)) for v in value.values()):
        f.write("{\n")
        for i, (name, v) in enumerate(value.items()):
            f.write((",\n" if i else "") + json.dumps(name) + ": ")
            write(v, f)
        f.write("\n}")
    elif isinstance(value, list):
        f.write("[\n" + ",\n".join(json.dumps(v) for v in value) + "\n]")
    else:
        f.write(json.dumps(value))


main()
