"""Writes what a real Django reads in a session's _auth_user_id, for the Go tests beside it to compare with.

    pip install django && python ids.py [SEED [COUNT]] > ids.json

Any Django from 2.2 on, with any Python from 3.8 on, writes the same. A line holds a value's JSON and what to_python of
an AutoField, a UUIDField and a CharField makes of it, as str; null where that raises or is None, where an integer is no
64-bit one, and where a text cannot be a key in every database: the str of a list or a dict, an empty one, one with a NUL
or half a surrogate pair. A text that stays as it is is true.
"""

import json
import random
import sys
import unicodedata
import uuid

from django.conf import settings

settings.configure()

from django.db import models  # noqa: E402

rng = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
count = int(sys.argv[2]) if len(sys.argv) > 2 else 2500

# What every Python knows as a digit, and some that were digits once.
DIGITS = [chr(c) for c in range(0x110000) if unicodedata.ucd_3_2_0.category(chr(c)) == "Nd"]
DIGITS += [chr(c) for first in (0x1E950, 0x11D50, 0x1E140) for c in range(first, first + 10)]
SPACES = [" ", "\t", "\n", "\v", "\f", "\r", "\x1c", "\x1d", "\x1e", "\x1f", "\x85", "\xa0", "\u1680", "\u180e",
          "\u2000", "\u200a", "\u200b", "\u2028", "\u2029", "\u202f", "\u205f", "\u2060", "\u3000", "\ufeff"]
ODD = ["", "_", "__", "+", "-", "\u2212", "\uff0b", "\uff0d", ".", ",", "\x00", "\x7f", "\ud800", "\udc00", "e", "E",
       "x", "X", "0x", "0X", "0b", "0o", "l", "L", "\xb2", "\u2460", "\u0bf0", "\u4e00", "\U0001f600", "\u00e9", "'",
       "{", "}", "urn:", "uuid:", "URN:", "a", "f", "F", "g", "\uff41", "\uff21"] + SPACES


def fixed():
    for c in DIGITS + SPACES + ODD:
        yield c
        yield "0" * 31 + c
    for start in range(0, len(DIGITS), 10):
        yield "".join(DIGITS[start:start + 10])
    for s in ODD:
        yield from (s + "1", "1" + s, "1" + s + "2", s + "1" + s, "+" + s + "1", "\u0660" + s + "1", s + s)
        yield from (s + "0" * (32 - len(s)), "0" * 15 + s + "1" * (17 - len(s)), "a" * (32 - len(s)) + s)
        yield from (s + "\uff11" * (32 - len(s)), s + str(uuid.UUID(int=7)), str(uuid.UUID(int=7)) + s)
    for edge in (2 ** 31, 2 ** 32, 2 ** 53, 2 ** 63, 2 ** 64, 2 ** 127, 2 ** 128):
        for n in (edge - 1, edge, edge + 1):
            yield from (n, -n, str(n), str(-n), float(n), float(-n), "%x" % n)
    for n in (0, 1, 42):
        yield from (n, -n, str(n), str(-n), "+%d" % n, "%05d" % n, float(n), str(float(n)))
    yield from (0.5, -0.5, 0.99999, 1.5, -1.5, 1e15, 1e16, 1e17, 1e22, 1e300, 5e-324, 0.1, 1e-5, -0.0, 1.0e-4,
                9223372036854774784.0, -9223372036854777856.0, float("nan"), float("inf"), float("-inf"))
    yield from (None, True, False, [], [1], ["1"], {}, {"1": 1}, [[]], "None", "True", "nan", "inf", "1e3", "0x10")
    for digits in ("0" * 4299 + "1", "0" * 4300 + "1"):
        yield from (digits, "-" + digits, " " * 9 + digits + "\u3000", "_".join(digits))
    yield from ("1" * 4300, "1" * 4301, "\uff10" * 4299 + "\uff17")
    whole = "0123456789abcdef0123456789abcdef"
    yield from (whole, whole.upper(), "{%s}" % whole, "}}%s{{" % whole, "-" + whole, "--%s--" % whole, whole + "\n")
    yield from ("urn:uuid:" + whole, "uuid:urn:" + whole, "URN:UUID:" + whole, "uurn:rn:" + whole, "uuurn:id:" + whole,
                "{urn:uuid:%s}" % whole, "urn:uuid:{%s}" % whole, whole[:5] + "uuid:" + whole[5:],
                whole[:5] + "{" + whole[5:], whole + "0", whole[1:], "+" + whole[1:], " " + whole[1:],
                whole[2:] + "\u2003\u2003", "0x" + whole[2:], "0X_" + whole[3:], "0x__" + whole[4:], "+0x_" + whole[4:],
                "0" * 31 + "x", "0x" + " " * 30, "0x_" + " " * 29, "+0" + "x" * 30, " " * 31 + "0", "0" + "_0" * 15 + "_",
                "0_0" * 10 + "00", "\uff10x" + whole[2:], "-" * 40 + whole, "0x" + "-" * 9 + whole[2:])


def text():
    """A good id with accidents, or a heap of odd parts."""
    kind = rng.randrange(4)
    if kind == 0:
        made = str(rng.randrange(-10 ** rng.choice((1, 5, 19, 25)), 10 ** rng.choice((1, 5, 19, 25))))
    elif kind in (1, 2):
        made = uuid.UUID(int=rng.getrandbits(128))
        made = rng.choice((str(made), made.hex, made.hex.upper(), "{%s}" % made, made.urn))
    else:
        return "".join(rng.choice(rng.choice((ODD, SPACES, DIGITS, "0123456789"))) for _ in range(rng.randrange(8)))
    for _ in range(rng.randrange(4)):
        at = rng.randrange(len(made) + 1)
        part = rng.choice((rng.choice(ODD), rng.choice(SPACES), rng.choice(DIGITS), "_", "-"))
        cut = rng.choice((0, len(part), len(part)))
        made = rng.choice((made[:at] + part + made[at + cut:], made, part + made[cut:], made[:len(made) - cut] + part))
    return made


def values():
    yield from fixed()
    for _ in range(count):
        kind = rng.randrange(20)
        if kind == 0:
            yield rng.getrandbits(rng.choice((8, 32, 63, 64, 128, 129))) * rng.choice((1, -1))
        elif kind == 1:
            yield rng.choice((rng.random(), rng.randrange(-10 ** 19, 10 ** 19) / 7)) * 10 ** rng.randrange(-6, 6)
        else:
            yield text()


FIELDS = [models.AutoField(primary_key=True), models.UUIDField(), models.CharField(max_length=100)]


def read(field, value):
    try:
        key = field.to_python(value)
    except Exception:
        return None
    if key is None:
        return None
    if isinstance(key, int) and not -2 ** 63 <= key < 2 ** 63:
        return None
    if isinstance(key, str):
        if isinstance(value, (list, dict)) or key == "" or "\0" in key:
            return None
        try:
            key.encode()
        except UnicodeEncodeError:
            return None
        if key == value:
            return True
    return str(key)


def main():
    seen = set()
    for value in values():
        line = json.dumps(value)
        if line not in seen:
            seen.add(line)
            value = json.loads(line)  # where half surrogates have met
            print(json.dumps([line] + [read(field, value) for field in FIELDS]))


main()
