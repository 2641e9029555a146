"""Sessions with all sorts of logins, as nobody would write them, too."""

import datetime
import random
import uuid

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import models
from django.test import override_settings
from django.utils import timezone

ID, BACKEND, HASH = "_auth_user_id", "_auth_user_backend", "_auth_user_hash"
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"

# The digit zero of other scripts, the other nine after it.
_ZEROS = "\u0660\u06f0\u0966\u09e6\u0e50\uff10\U0001d7ce\U00010d30"


def in_script(text, zero):
    return "".join(chr(ord(zero) + int(letter)) if letter in "0123456789" else letter for letter in text)


def around(text):
    """What some readers take for the same as the text."""
    return ([" %s ", "%s\n", "\t%s", "\x0b%s\x0c", "\u00a0%s", "%s\u2003", "\u3000%s", "\x1c%s\x1f", "\x85%s", "\u200b%s", "\ufeff%s", "\u2028%s",
             "%s\0", "\0%s", "%s\ud800", "\udc00%s", "%s,", "%s;", "'%s'", '"%s"', "[%s]", "(%s)", "%s--", "%s or 1=1", "%s%%"],
            lambda form: form % text)


def integers(n):
    """Ids for an integer key that is n: some that int() takes for n, and some that it does not."""
    digits = str(n)
    forms, fill = around(digits)
    yield from map(fill, forms)
    for form in ("0%s", "00000%s", "0_%s", "0__%s", "_%s", "%s_", "+%s", "-%s", "--%s", "+-%s", "- %s", "+ %s", "\u2212%s", "\uff0b%s", " +%s ",
                 "%s.0", "%s.", "%se0", "%sL", "%sn", "0x%s", "0o%s", "0b%s", "%s/1", "%s 0", "%s\n%s"):
        yield form.replace("%s", digits)
    for zero in _ZEROS:
        yield in_script(digits, zero)
        yield digits[:-1] + in_script(digits[-1], zero)
    yield from ["\u00bd", "\u00b2", "\u2460", "\u2167", "\u4e00", "\u06dd1"]
    yield from [n, float(n), n + 0.5, n + 0.999999, -n, -float(n), n - 0.0001]
    yield from [n + (1 << 32), n + (1 << 64), n - (1 << 32)]
    yield from [str(n + (1 << 32)), str(n + (1 << 64)), [n], [digits], {"id": n}, {digits: n}]


def uuids(key):
    """Ids for a UUID."""
    text, digits = str(key), key.hex
    forms, fill = around(text)
    yield from map(fill, forms)
    yield from [digits, digits.upper(), text.upper(), "{%s}" % text, "{{%s" % digits, "}%s{" % digits, "urn:uuid:" + text, "uuid:urn:" + digits, "uUID:" + text,
                "URN:UUID:" + text, "u-r-n:" + digits, "-" + text, text + "-", digits[:1] + "-" + digits[1:], "-".join(digits), text[:-1], text + "0",
                digits[:31], digits + "0", "0x" + digits[2:], "0X" + digits[2:], "+" + digits[1:], "-" + digits[1:], " " + digits[1:], digits[:31] + " ",
                digits[:8] + "_" + digits[9:], digits[:8] + "uuid:" + digits[8:], digits.replace(digits[0], "g"), text.replace("-", "\u2010"), text.replace("-", "_")]
    for zero in _ZEROS:
        yield in_script(text, zero)
        yield in_script(digits, zero)
    yield from [key.int, float(key.int % 2**50), -key.int, key.int + (1 << 128), [text], [digits], {"hex": digits}]
    # Of the users whose UUIDs are all but zero.
    yield from ["0x" + "0" * 29 + "1", "0x" + "0" * 30, "+" + "0" * 30 + "1", "0_" * 15 + "01", "0__" + "0" * 28 + "1", "_" + "0" * 30 + "1", "0" * 30 + "1_",
                "\t" + "0" * 30 + "1", " " * 31 + "1", "\u3000" * 31 + "1", "\u2003" + "0" * 30 + "\u0661", "0" * 30 + "1\x1f", "0" * 30 + "1L"]


def texts(key):
    """Ids for a key that is text."""
    forms, fill = around(key)
    yield from map(fill, forms)
    yield from [key.upper(), key.lower(), key.title(), key.swapcase(), key + " ", key + "  ", " " + key, key + "\t", key + "\u0301", key[:-1], key * 20,
                key + "\U0001f600", [key], {"code": key}]
    yield from [5, 5.0, 1.5, -5, 10**16, 1e16, 1e-05, -0.0, 0.1, 10**40]


ANYTHING = [None, True, False, 0, 1, -1, 0.0, -0.0, -0.5, 1.0, 1.5, 2**31 - 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -2**63, -2**63 - 1, 2**64, 10**30, 10**400,
            float("nan"), float("inf"), float("-inf"), 1e18, 9.3e18, 1e308, 5e-324, [], [[]], {}, "", " ", "\0", "\ud800", "\udc00\ud800", "\U0001f600", "\x7f",
            "0", "1", "-0", "-1", "None", "null", "True", "nan", "inf", "1e3", str(2**31), str(2**63 - 1), str(2**63), str(-2**63), str(-2**63 - 1), str(2**64),
            "9" * 40, "9" * 400, "0" * 400 + "1", "9" * 4300, "9" * 5000, "0" * 4299 + "1", "0" * 5000 + "1", "x" * 5000, "\u00e9", "e\u0301", "%s", "../1", "; --"]

BACKENDS = [None, True, 0, 1, 1.5, [], [MODEL_BACKEND], {}, {MODEL_BACKEND: 1}, "", " ", MODEL_BACKEND + " ", " " + MODEL_BACKEND, MODEL_BACKEND.lower(), MODEL_BACKEND + "\0",
            "django.contrib.auth.backends.AllowAllUsersModelBackend", "django.contrib.auth.backends.RemoteUserBackend", "shop.backends.TokenBackend", "ModelBackend", "\ud800"]

ODD_HASHES = [None, True, False, 0, 1, -1, 0.0, 1.5, float("nan"), float("inf"), [], [1], {}, {"a": 1}, "", " ", "0", "None", "\0", "\u00e9", "\ud800", "x" * 5000, "0" * 64, "0" * 40]


def tampered(good):
    yield from [good.upper(), good[:-1], good[1:], good + "0", good + " ", " " + good, good + "\n", good + "\0", good + "\ud800", good + "\u00e9", good * 2, good[::-1]]
    yield from [good.encode("utf-16-be").decode("utf-16-be")[:32], [good], {good: good}, int(good, 16), "0x" + good, in_script(good, "\uff10")]
    for at in (0, 7, len(good) - 1):
        yield good[:at] + ("0" if good[at] != "0" else "1") + good[at + 1:]


def _key_field():
    return get_user_model()._meta.pk


def _keys():
    """Keys for the users, or None where the database is to choose one."""
    if isinstance(_key_field(), models.UUIDField):
        return [uuid.UUID(int=0), uuid.UUID(int=1), uuid.UUID("12345678-1234-5678-1234-567812345678"), uuid.UUID("deadbeef-cafe-4bad-8bad-0123456789ab"), None]
    if isinstance(_key_field(), models.CharField):
        return ["Alice", "5", "5.0", "1.5", "-5", "True", "False", "nan", "inf", "-inf", "1e+16", "1e-05", "10000000000000000", "-0.0", "0.1", "caf\u00e9",
                "a b", "'; --", "1" + "0" * 30]
    return [None] * 8


class _Users:
    def __init__(self, chooser):
        self.model = get_user_model()
        self.active = [self.made("active %d" % number, key) for number, key in enumerate(_keys())]
        if isinstance(_key_field(), models.AutoField):  # for True and 1.5, which int() takes for 1
            self.active += self.model.objects.filter(pk=1).exclude(pk__in=[user.pk for user in self.active])
        self.inactive = self.made("inactive", None, is_active=False)
        self.unusable = self.made("unusable", None, password=make_password(None))
        self.gone = self.made("gone", None)
        self.chooser = chooser

    def made(self, name, key, password=None, **fields):
        user = self.model(**{self.model.USERNAME_FIELD: name + "@example.com"})
        user.password = password or make_password("password of " + name)
        if key is not None:
            user.pk = key
        elif isinstance(_key_field(), models.CharField):
            user.pk = name
        for field, value in fields.items():
            if any(one.name == field for one in self.model._meta.fields):
                setattr(user, field, value)
        user.save(force_insert=True)
        return user

    def any(self):
        return self.chooser.choice(self.active)


def _login(user, **changes):
    values = {ID: user._meta.pk.value_to_string(user), BACKEND: MODEL_BACKEND, HASH: user.get_session_auth_hash()}
    values.update({"_auth_user_" + name: value for name, value in changes.items()})
    return values


def _other_secrets():
    return list(getattr(settings, "SECRET_KEY_FALLBACKS", [])) + ["a secret that never was", settings.SECRET_KEY + " "]


def _hash_with(secret, user):
    with override_settings(SECRET_KEY=secret):
        return user.get_session_auth_hash()


def _cases(users):
    """Yields (about, values of the session)."""
    for user in users.active[:5]:
        yield "good", _login(user)
    for user in users.active:
        if isinstance(_key_field(), models.UUIDField):
            odd = uuids(user.pk)
        elif isinstance(_key_field(), models.CharField):
            odd = texts(user.pk)
        else:
            odd = integers(user.pk)
        odd = list(odd)
        for number in range(len(odd)):
            if user is users.active[number % len(users.active)]:
                yield "odd id of a user", _login(user, id=odd[number])
    for odd in ANYTHING:
        # With the hash of whoever it may be taken for.
        yield "odd id", _login(_owner(odd) or users.active[0], id=odd)
    user = users.any()
    for odd in BACKENDS:
        yield "odd backend", _login(user, backend=odd)
    for odd in ODD_HASHES:
        yield "odd hash", _login(user, hash=odd)
    for odd in tampered(user.get_session_auth_hash()):
        yield "tampered hash", _login(user, hash=odd)
    for absent in (ID, BACKEND, HASH):
        for also in (ID, BACKEND, HASH):
            yield "missing keys", {name: value for name, value in _login(user).items() if name not in (absent, also)}
    for one in (users.inactive, users.unusable, users.gone):
        yield one.get_username(), _login(one)
        yield one.get_username() + ", wrong hash", _login(one, hash="0" * 64)
    # Of a user who is not let in no hash matters.
    yield "inactive, no hash", {name: value for name, value in _login(users.inactive).items() if name != HASH}
    for secret in _other_secrets():
        yield "changed secret", _login(user, hash=_hash_with(secret, user))
        yield "changed secret and password", _login(user, hash=_hash_with(secret, users.unusable))
    if hasattr(user, "_legacy_get_session_auth_hash"):
        yield "legacy hash", _login(user, hash=user._legacy_get_session_auth_hash())
    yield "hash of another user", _login(users.active[0], hash=users.active[1].get_session_auth_hash())
    yield "no login", {"cart": [1]}
    yield "empty", {}


def _owner(odd):
    try:
        return get_user_model().objects.get(pk=_key_field().to_python(odd))
    except Exception:
        return None


def _more(users):
    """Yields what comes up every day."""
    while True:
        user = users.any()
        yield "good", dict(_login(user), cart=[users.chooser.random()])
        yield "changed password", _login(user, hash=type(user)(password=make_password("before")).get_session_auth_hash())
        yield "changed secret", _login(user, hash=_hash_with(users.chooser.choice(_other_secrets()), user))


def create(seed, count):
    """Makes so many sessions, all kinds first, and the same ones for the same seed."""
    chooser = random.Random("%s %s" % (seed, settings.AUTH_USER_MODEL))
    users = _Users(chooser)
    made = list(_cases(users))
    more = _more(users)
    while len(made) < count:
        made.append(next(more))
    # Where there are more, some of each kind.
    made = [made[number * len(made) // count] for number in range(count)]
    users.gone.delete()
    store = SessionStore()
    later = timezone.now() + datetime.timedelta(days=1)
    rows, answers = [], []
    for number, (about, values) in enumerate(made):
        key = "%032x" % chooser.getrandbits(128)
        text, expires = store.encode(values), later
        if number % 97 == 50:
            about, text = "signed badly", text[:-3] + "x" + text[-2:]
        elif number % 97 == 51:
            about, expires = "expired", timezone.now() - datetime.timedelta(seconds=5)
        if number % 97 == 52:
            about = "no such session"
        else:
            rows.append(Session(session_key=key, session_data=text, expire_date=expires))
        answers.append({"session_key": key, "about": about})
    Session.objects.bulk_create(rows)
    return answers
