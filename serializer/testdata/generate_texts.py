"""Writes floats.txt, strings.txt and texts.txt with Python's own json module.

    python3.13 generate_texts.py [OTHER_PYTHON ...]

Each other Python must produce the same lines; the files name them all.
"""

import json
import os
import platform
import random
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def dumps(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def floats():
    """<the 16 hexadecimal digits of the float64> <what json.dumps writes>"""
    rng = random.Random(20)
    bits = [rng.getrandbits(64) for _ in range(5000)]
    values = [0.0, -0.0, float("inf"), float("-inf"), float("nan"), 5e-324, 2.2250738585072014e-308,
              1.7976931348623157e308, 0.1, 0.1 + 0.2, 1 / 3, 9007199254740993.0, 1e16, 9999999999999998.0,
              123456789012345680.0, 0.0001, 0.00001, 0.00009999999999999999]
    values += [float("1e%d" % e) for e in range(-324, 309)]
    values += [float("9.5e%d" % e) for e in range(-30, 30)]
    values += [2.0 ** e for e in range(-1074, 1024, 3)]
    for value in values:
        bits.append(struct.unpack(">Q", struct.pack(">d", value))[0])
    for value in (1e-5, 1e-4, 1e15, 1e16, 1e17, 1e22, 1e23, 1.0, 1e308):  # and their neighbours
        middle = struct.unpack(">Q", struct.pack(">d", value))[0]
        bits += range(middle - 2, middle + 3)
    for pattern in bits:
        value = struct.unpack(">d", struct.pack(">Q", pattern))[0]
        yield "%016x %s" % (pattern, dumps(value))


def strings():
    """<the code points in hexadecimal, separated by spaces> TAB <what json.dumps writes>"""
    rng = random.Random(21)
    texts = [[c] for c in range(0x180)]
    texts += [[c] for c in (0x2028, 0x2029, 0xD7FF, 0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0xE000, 0xFEFF, 0xFFFD, 0xFFFE,
                            0xFFFF, 0x10000, 0x1F600, 0x10FFFF)]
    texts += [[], [0xD800, 0x41], [0xDC00, 0xD800], [0xD83D, 0xDE00], [0x41, 0xDFFF]]
    for _ in range(1000):
        texts.append([rng.choice((rng.randrange(0x80), rng.randrange(0x20, 0x7F), rng.randrange(0x10000),
                                  rng.randrange(0xD800, 0xE000), rng.randrange(0x110000)))
                      for _ in range(rng.randrange(1, 9))])
    for points in texts:
        yield "%s\t%s" % (" ".join("%x" % c for c in points), dumps("".join(map(chr, points))))


SEEDS = [
    '{"_auth_user_id":"1","_auth_user_backend":"django.contrib.auth.backends.ModelBackend","_auth_user_hash":"5f2c"}',
    '{"cart":[{"sku":"A-1","qty":2,"price":9.5},{"sku":"B \\u00fc","qty":0,"price":1e-7}],"_session_expiry":0}',
    '[1, -0, 0.0, -0.0, 1.50, 1E5, 1e-5, 12345678901234567890, NaN, Infinity, -Infinity, 1e999, -1e999]',
    '{"a":{"b":[[],{},[{}]],"a":1},"\\u0061":2,"b":null,"a":true}',
    '["\\ud83d\\ude00", "\\ud83d", "\\ude00\\ud83d", "\\u00E9", "\\/\\b\\f\\n\\r\\t\\"\\\\", "\\u0000"]',
    ' { "k" : [ true , false , null ] , "" : "" } ',
    '"caf\u00c3\u00a9 \u00ff \u007f"',
    '\t[\n1\r,\n 2 ]\n',
]
PIECES = ['"', "\\", "\\u", "\\ud800", "\\u12g4", "\\x", "{", "}", "[", "]", ",", ":", " ", "\n", "\x0b", "\x0c",
          "\x00", "\x1f", "\x7f", "\x85", "\xa0", "\xef\xbb\xbf", "-", "+", ".", "0", "00", "1", "e", "E+", "1.", ".5",
          "01", "NaN", "nan", "Infinity", "-Infinity", "Inf", "true", "True", "nul", '"a":', ',"a":1', ",1", "//", "'",
          "1_000", "\xb2", "\xe9"]
BY_HAND = ["", " ", "{", "[", '"', "-", "+1", "01", "1.", "1.e5", ".5", "1e", "1e+", "0x10", "1 2", "[1,]", '{"a":1,}',
           '{"a"}', "{a:1}", "{1:1}", "[,]", "[1 2]", '{"a" 1}', "nulL", "NaNN", "-NaN", "--1", "- 1", "-Infinit",
           "\xef\xbb\xbf{}", "\xa0{}", '"\t"', '"\n"', '"\\u12"', '"\\u 123"', '"\\U0041"', '"\\a"', '"\\ud83d\\u"',
           '"\\ud83d\\u00e9"', '"\\ud83d\\', "[]]", "{}{}", "'a'", '{"a":1}x', "true false", "\x00", "{}\x00",
           "9" * 400 + "." + "9" * 400, "1" + "0" * 500, "-" + "9" * 4300, "[" * 200 + "]" * 200]


def texts():
    """<the text, its Latin-1 characters as a JSON string> TAB <its value as json.dumps writes it, or "refused">"""
    rng = random.Random(22)
    cases = SEEDS + BY_HAND
    for _ in range(3000):
        text = rng.choice(SEEDS)
        for _ in range(rng.randrange(1, 4)):
            at = rng.randrange(len(text) + 1)
            end = min(len(text), at + rng.randrange(1, 6))
            action = rng.randrange(5)
            if action == 0:
                text = text[:at] + rng.choice(PIECES) + text[at:]
            elif action == 1:
                text = text[:at] + text[end:]
            elif action == 2:
                text = text[:at] + text[at:end] + text[at:]
            elif action == 3:
                text = text[:at] + rng.choice(PIECES) + text[end:]
            else:
                text = text[:at] + chr(rng.randrange(256)) + text[at + 1:]
        cases.append(text)
    for text in cases:
        try:
            value = dumps(json.loads(text.encode("latin-1").decode("latin-1")))
        except ValueError:
            value = "refused"
        yield "%s\t%s" % (json.dumps(text), value)


FILES = [("floats.txt", floats), ("strings.txt", strings), ("texts.txt", texts)]


def everything():
    return [[line for line in function()] for _, function in FILES]


def main(others):
    mine = everything()
    versions = [platform.python_version()]
    for other in others:
        theirs = json.loads(subprocess.check_output([other, os.path.abspath(__file__), "--print"]).decode())
        if theirs["lines"] != mine:
            sys.exit("Python %s writes other lines" % theirs["version"])
        versions.append(theirs["version"])
    for (name, function), lines in zip(FILES, mine):
        with open(os.path.join(HERE, name), "w", encoding="ascii", newline="\n") as file:
            file.write("# %s\n" % function.__doc__)
            file.write("# Written by generate_texts.py with the json module of CPython %s.\n" % ", ".join(versions))
            file.write("".join(line + "\n" for line in lines))


if __name__ == "__main__":
    if sys.argv[1:] == ["--print"]:
        json.dump({"version": platform.python_version(), "lines": everything()}, sys.stdout)
    else:
        main(sys.argv[1:])
