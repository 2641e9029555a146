"""Writes what a real Django makes of hashers of a site's own that wrap the hashes of an old one, for the Go tests beside it.

    pip install django argon2-cffi bcrypt && python wrapped.py > wrapped-$(python -m django --version | cut -d. -f1,2).json

It writes the same every time. Each hasher is written as Django's documentation has it under "Password upgrading without requiring a login".
"""

import base64
import hashlib
import json
import sys

import django
from django.conf import settings

settings.configure(PASSWORD_HASHERS=["django.contrib.auth.hashers.PBKDF2PasswordHasher"])
django.setup()

from django.contrib.auth import hashers  # noqa: E402
from django.test import override_settings  # noqa: E402


def salted(name):
    return lambda password, salt: hashlib.new(name, (salt + password).encode()).hexdigest()


def unsalted(name):
    return lambda password, salt: hashlib.new(name, password.encode()).hexdigest()


INNER = {"": lambda password, salt: password, "md5": salted("md5"), "sha1": salted("sha1"), "unsalted_md5": unsalted("md5"), "unsalted_sha1": unsalted("sha1")}
# The inner hashes are those of Django's own hashers, where it still has them.
for algorithm, name, salt in [("md5", "MD5", "salt"), ("sha1", "SHA1", "salt"), ("unsalted_md5", "UnsaltedMD5", ""), ("unsalted_sha1", "UnsaltedSHA1", "")]:
    own = getattr(hashers, name + "PasswordHasher", None)
    assert own is None or own().encode("päss", salt).split("$")[-1] == INNER[algorithm]("päss", salt), algorithm


class PBKDF2(hashers.PBKDF2PasswordHasher):
    iterations = 20

    def encode_inner(self, inner, salt, iterations=None):
        return super().encode(inner, salt, iterations)

    def encode(self, password, salt, iterations=None):
        return self.encode_inner(INNER[self.inner](password, salt), salt, iterations)


class PBKDF2SHA1(hashers.PBKDF2SHA1PasswordHasher):
    iterations = 20

    def encode(self, password, salt, iterations=None):
        return super().encode(INNER[self.inner](password, salt), salt, iterations)


class BCryptSHA256(hashers.BCryptSHA256PasswordHasher):
    rounds = 4

    def encode(self, password, salt):
        return super().encode(INNER[self.inner](password, salt), salt)


class BCrypt(hashers.BCryptPasswordHasher):
    rounds = 4

    def encode(self, password, salt):
        return super().encode(INNER[self.inner](password, salt), salt)


class Argon2(hashers.Argon2PasswordHasher):
    time_cost = 1
    memory_cost = 64
    parallelism = 2

    def encode(self, password, salt):
        return super().encode(INNER[self.inner](password, salt), salt)

    def verify(self, password, encoded):  # which does not call encode
        field = encoded.split("$")[4]
        salt = base64.b64decode(field + "=" * (-len(field) % 4)).decode()
        return super().verify(INNER[self.inner](password, salt), encoded)


OUTER = {"pbkdf2_sha256": PBKDF2, "pbkdf2_sha1": PBKDF2SHA1, "bcrypt_sha256": BCryptSHA256, "bcrypt": BCrypt, "argon2": Argon2}

if hasattr(hashers, "ScryptPasswordHasher"):
    class Scrypt(hashers.ScryptPasswordHasher):
        work_factor = 16
        block_size = 4
        parallelism = 2

        def encode(self, password, salt, n=None, r=None, p=None):
            return super().encode(INNER[self.inner](password, salt), salt, n, r, p)

    OUTER["scrypt"] = Scrypt

PASSWORDS = ["correct horse", "päßwörd 🐎", " ", "x" * 200]
wrapped = []
for outer, base in OUTER.items():
    for inner in INNER:
        if inner in ("md5", "sha1") and outer.startswith("bcrypt"):
            continue  # its salt is no text
        algorithm = outer + "_wrapped_" + (inner or "nothing")
        name = "".join(part.title() for part in algorithm.split("_"))
        cls = type(name, (base,), {"algorithm": algorithm, "inner": inner, "__module__": __name__})
        globals()[name] = cls
        hasher = cls()
        cases = []
        for i, password in enumerate(PASSWORDS):
            if outer == "bcrypt" and not inner and len(password) > 72:
                continue  # the library's business
            salt = b"$2b$04$fixturesfixturesfixtuu" if outer.startswith("bcrypt") else "fixturesfixturesfixtur"
            if i == 1 and not outer.startswith("bcrypt"):
                salt = "oldsalt12345"  # as an old hash has it
            encoded = hasher.encode(password, salt)
            cases.append({"password": password, "encoded": encoded})
        if outer == "pbkdf2_sha256" and inner:
            # What the migration makes of an old hash without knowing the password.
            old = INNER[inner]("migrated", "oldsalt12345")
            cases.append({"password": "migrated", "encoded": hasher.encode_inner(old, "oldsalt12345")})
        with_own = [cls.__module__ + "." + name, "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
        with override_settings(PASSWORD_HASHERS=with_own):
            for case in cases:
                case["right"] = hashers.check_password(case["password"], case["encoded"])
                case["wrong"] = hashers.check_password(case["password"] + "!", case["encoded"])
        wrapped.append({"entry": "accounts.hashers." + name, "algorithm": algorithm, "inner": inner, "outer": outer, "cases": cases})

json.dump({"django": "%d.%d" % django.VERSION[:2], "wrapped": wrapped}, sys.stdout, indent=1, ensure_ascii=True)
print()
