"""Django's hasher classes with Go doing the work."""
import functools

from django.contrib.auth import hashers

from gobridge.hasher_options import ATTRIBUTES, hashing, own_class
from gobridge.passwords import check, given_salt, made, no_text, originals
from gobridge.reference import djangos_turn, reference
from gobridge.wire import BRIDGE


def replace_method(c, name, f):
    original = originals[c, name] = c.__dict__[name]

    @functools.wraps(original)
    def run(self, *args, **kwargs):
        return (original if djangos_turn() else f)(self, *args, **kwargs)
    setattr(c, name, run)


def encode(self, password, salt, *more, **kwargs):
    if password is None or not salt or "$" in str(salt) and not self.algorithm.startswith("bcrypt") or kwargs:
        BRIDGE.only_if_not_applicable("encode with arguments that Go does not have")
        with reference():
            return originals[own_class(self), "encode"](self, password, salt, *more, **kwargs)
    return given_salt(self, password, salt, *more)


def verify(self, password, encoded):
    with reference():
        django = originals[own_class(self), "verify"](self, password, encoded)
    r = check(hashing(self, only=True), password, encoded)
    if not r["ok"] and no_text(password):
        return django
    if r["ok"] != django:
        BRIDGE.disagree("Go: %s %s; Django: %s" % (r["ok"], r["why"], django))
    return r["ok"]


def must_update(self, encoded):
    with reference():
        django = originals[own_class(self), "must_update"](self, encoded)
    if self.algorithm not in ATTRIBUTES:
        BRIDGE.note("%s.must_update: Go has no Parameters for it, so MustUpdate is never true; the tests see Django's "
                    "answer" % self.algorithm)
        return django
    if encoded not in made:
        BRIDGE.disagree("must_update of a hash whose password is unknown here: Go returns it only for the right password")
    r = check(hashing(self, only=True, explicit=True), made[encoded], encoded)
    if not r["ok"] or r["must_update"] != django:
        BRIDGE.disagree("Go: %s; Django: %s" % (r, django))
    return r["must_update"]


def install():
    for c in vars(hashers).values():
        if type(c) is type and issubclass(c, hashers.BasePasswordHasher) and c is not hashers.BasePasswordHasher:
            for name, f in (("encode", encode), ("verify", verify), ("must_update", must_update)):
                if name in c.__dict__ and c.algorithm != "crypt":
                    replace_method(c, name, f)
    # A class also finds the methods that it inherits.
    for c in list(vars(hashers).values()):
        if type(c) is type and issubclass(c, hashers.BasePasswordHasher):
            for name in ("encode", "verify", "must_update"):
                for b in c.__mro__:
                    if (b, name) in originals:
                        originals.setdefault((c, name), originals[b, name])
                        break
