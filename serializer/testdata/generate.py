"""Writes dicts.txt with Python's own dict and json module.

    python3.13 generate.py [OTHER_PYTHON ...]

Each other Python must produce the same lines; the file names them all.
"""

import json
import os
import platform
import random
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ABOUT = """<the text, its Latin-1 characters as a JSON string> TAB <operations> TAB <the dict after them>
# An operation is ["set", key, value] or ["del", key]; the dict is a list of its items in order.
# "refused" stands for what json.loads refuses, "not a dict" for another value."""

KEYS = ["a", "b", "c", "", "_auth_user_id", "cart", "\u00e9", "\u00c3\u00a9", "\U0001f600", "\ud83d", "\ude00", "A",
        'quote"d', "back\\slash", "new\nline", "/"] + ["k%d" % n for n in range(12)]
VALUES = ["1", "1.0", "null", '"x"', "[ 1 , 2 ]", '{"a":1,"a":2}', "NaN", '"\\u00e9\\ud800"', '"\xc3\xa9"', "-0", "1E5",
          "123456789012345678901234567890", "true", "{}", '{"b":[1,{"c":-Infinity}]}']


def spell(key, rng):
    """One of the ways to write a key."""
    out = []
    for c in key:
        n = ord(c)
        if n >= 0x100 or n < 0x20 or rng.randrange(3) == 0:
            out.append(json.dumps(c)[1:-1] if n >= 0x7f or n < 0x20 else
                       ("\\u%04x" if rng.randrange(2) else "\\u%04X") % n)
        elif c in '"\\':
            out.append("\\" + c)
        else:
            out.append(c)
    return '"' + "".join(out) + '"'


def space(rng):
    return rng.choice(["", "", "", "", " ", "\n", "\t \r"])


def text_of(rng):
    members = []
    for _ in range(rng.choice([0, 1, 2, 3, 5, 8, 16, 17, 30])):
        members.append(space(rng) + spell(rng.choice(KEYS), rng) + space(rng) + ":" + space(rng) + rng.choice(VALUES) +
                       space(rng))
    return space(rng) + "{" + (",".join(members) or space(rng)) + "}" + space(rng)


def lines():
    rng = random.Random(23)
    cases = ["{}", " { } ", "[]", "1", "null", '"{}"', "", "{", '{"a":1,}', "{}{}", '{"a":1', "NaN"]
    cases += [text_of(rng) for _ in range(600)]
    for text in cases:
        operations = []
        for _ in range(rng.choice([0, 0, 1, 2, 5, 20])):
            key = rng.choice(KEYS)
            operations.append(["del", key] if rng.randrange(3) == 0 else ["set", key, rng.randrange(100)])
        try:
            value = json.loads(text.encode("latin-1").decode("latin-1"))
        except ValueError:
            result = "refused"
        else:
            if isinstance(value, dict):
                for operation in operations:
                    if operation[0] == "set":
                        value[operation[1]] = operation[2]
                    else:
                        value.pop(operation[1], None)
                result = json.dumps([[k, v] for k, v in value.items()], separators=(",", ":"), sort_keys=True)
            else:
                result = "not a dict"
        yield "\t".join([json.dumps(text), json.dumps(operations), result])


def main(others):
    mine = list(lines())
    versions = [platform.python_version()]
    for other in others:
        theirs = json.loads(subprocess.check_output([other, os.path.abspath(__file__), "--print"]).decode())
        if theirs["lines"] != mine:
            sys.exit("Python %s writes other lines" % theirs["version"])
        versions.append(theirs["version"])
    with open(os.path.join(HERE, "dicts.txt"), "w", encoding="ascii", newline="\n") as file:
        file.write("# %s\n" % ABOUT)
        file.write("# Written by generate.py with CPython %s.\n" % ", ".join(versions))
        file.write("".join(line + "\n" for line in mine))


if __name__ == "__main__":
    if sys.argv[1:] == ["--print"]:
        json.dump({"version": platform.python_version(), "lines": list(lines())}, sys.stdout)
    else:
        main(sys.argv[1:])
