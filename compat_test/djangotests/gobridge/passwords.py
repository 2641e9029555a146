"""The functions of django.contrib.auth.hashers with Go doing the work."""
import django
from django.contrib.auth import hashers

from gobridge.hasher_options import ATTRIBUTES, hashers_of_settings, hashing, own_class
from gobridge.reference import as_reference, reference, replace
from gobridge.wire import BRIDGE, GoError, b64

made = {}  # the passwords of the hashes that were made
originals = {}  # methods of hashers, by class and name


def call(op, **args):
    return BRIDGE.call(op, args)


def check(spec, password, encoded):
    return call("hash.check", **spec, password=b64(password), encoded=encoded)


def make_password(password, salt=None, hasher="default"):
    if password is None:
        text = call("hash.unusable")
        if len(text) != len(make_password.djangos(None)) or text[0] != "!":
            BRIDGE.disagree("Go's unusable password is %r" % text)
        return text
    if not isinstance(password, (bytes, str)):
        return make_password.djangos(password, salt, hasher)  # raises; in Go a password is a string
    try:
        h = hashers.get_hasher(hasher)
    except ValueError:
        try:
            text = call("hash.make", version="%d.%d" % django.VERSION[:2], hashers=[hasher], password=b64(password))
        except GoError as e:
            if "PASSWORD_HASHERS" in str(e):
                make_password.djangos(password, salt, hasher)  # raises
            raise
        BRIDGE.disagree("Go has a hasher %r: %r" % (hasher, text))
    if salt:
        return given_salt(h, password, salt)
    text = call("hash.make", **hashing(h), password=b64(password))
    with reference():
        good, update, of = h.verify(password, text), h.must_update(text), hashers.identify_hasher(text)
    if not good or update or h.algorithm != of.algorithm:
        BRIDGE.disagree("Go makes %r; Django: its algorithm is %s, the password matches: %s, must update: %s" % (
            text, of.algorithm, good, update))
    made[text] = password
    return text


def given_salt(h, password, salt, *more):
    """Go's Make takes no salt, so Django makes the hash. Go has to match it with the password and no other."""
    with reference():
        text = originals[own_class(h), "encode"](h, password, salt, *more)
    spec = hashing(h, only=True)
    other = password + (b"." if isinstance(password, bytes) else ".")
    a, b = check(spec, password, text), check(spec, other, text)
    if not a["ok"] and no_text(password):
        return text
    if not a["ok"] or b["ok"]:
        BRIDGE.disagree("Go matches %r with the password: %s %s, with another: %s" % (text, a["ok"], a["why"], b["ok"]))
    BRIDGE.note("encode and make_password with a salt: Go's Make takes none; its Check has to match Django's hash")
    made[text] = password
    return text


def no_text(password):
    """Whether a password is not UTF-8, which matches nothing in Go (auth/hashers/doc.go)."""
    try:
        no = isinstance(password, bytes) and password.decode() is None
    except UnicodeDecodeError:
        no = True
    if no:
        BRIDGE.note("passwords that are not UTF-8: no match in Go (hashers/doc.go); the tests see Django's answer")
    return no


def verified(password, encoded, preferred):
    h = hashers.get_hasher(preferred)
    with reference():
        if hasattr(hashers, "verify_password"):
            good, update = hashers.verify_password(password, encoded, preferred)
        else:
            called = []
            good = hashers.check_password(password, encoded, called.append, preferred)
            update = bool(called)
    if password is None:
        # In Go a password is a string; for None there is Spend.
        r = check(hashing(h), "", encoded) if not hashers.is_password_usable(encoded) else {
            "ok": call("hash.spend", **hashing(h), password="") is not None}
        if r["ok"] or good:
            BRIDGE.disagree("None as the password matches: Go: %s; Django: %s" % (r["ok"], good))
        return False, False
    r = check(hashing(h, explicit=True), password, encoded)
    if good and not r["ok"] and encoded.startswith("argon2$argon2i$m="):
        BRIDGE.note("argon2 of version 16: no match in Go (hashers/doc.go); the tests see Django's answer")
        return good, update
    if r["ok"] != good:
        BRIDGE.disagree("the password matches: Go: %s %s; Django: %s" % (r["ok"], r["why"], good))
    if good and r["must_update"] != update:
        if h.algorithm in ATTRIBUTES:
            BRIDGE.disagree("must update: Go: %s; Django: %s" % (r["must_update"], update))
        BRIDGE.note("%s as the preferred hasher: Go has no Parameters for it, so MustUpdate is never true" % h.algorithm)
    return r["ok"], r["must_update"]


def check_password(password, encoded, setter=None, preferred="default"):
    good, update = verified(password, encoded, preferred)
    if setter and good and update:
        setter(password)
    return good


async def acheck_password(password, encoded, setter=None, preferred="default"):
    good, update = verified(password, encoded, preferred)
    if setter and good and update:
        await setter(password)
    return good


def verify_password(password, encoded, preferred="default"):
    return verified(password, encoded, preferred)


def is_password_usable(encoded):
    usable = call("hash.usable", encoded=encoded or "")
    if usable != is_password_usable.djangos(encoded):
        BRIDGE.disagree("Go: %s; Django: %s" % (usable, not usable))
    return usable


def identify_hasher(encoded):
    r = call("hash.identify", **hashing(), encoded=encoded) if call("hash.usable", encoded=encoded) else {"known": False}
    try:
        known = identify_hasher.djangos(encoded)
    except ValueError:
        if r["known"] and any(h.algorithm == r["algorithm"] for h in hashers_of_settings()):
            BRIDGE.disagree("Go knows the algorithm: %r; Django does not" % r)
        raise
    if not r["known"] or r["algorithm"] != known.algorithm:
        if known.algorithm != "crypt":
            BRIDGE.disagree("Go: %r; Django: %s" % (r, known.algorithm))
    return hashers.get_hasher(django.algorithm if known.algorithm == "crypt" else r["algorithm"])


def install():
    functions = dict(make_password=make_password, check_password=check_password, is_password_usable=is_password_usable,
                     identify_hasher=identify_hasher)
    if hasattr(hashers, "acheck_password"):
        functions["acheck_password"] = acheck_password
    if hasattr(hashers, "verify_password"):
        functions["verify_password"] = verify_password
    for name, f in functions.items():
        f.djangos = getattr(hashers, name)
    make_password.djangos = as_reference(make_password.djangos)
    is_password_usable.djangos = as_reference(is_password_usable.djangos)
    identify_hasher.djangos = as_reference(identify_hasher.djangos)
    replace(hashers, **functions)
