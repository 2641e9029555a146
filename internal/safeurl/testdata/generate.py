"""Writes what real Djangos make of URLs, for the Go tests beside it to compare with.

    python generate.py PYTHON...

Each PYTHON is one that has a Django, the newest first. Makes allowed.json and login.json in the directory of this
script. The URLs depend on a fixed seed and on no Python's version.
"""

import json
import os
import random
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
GENERATED = 2400

# The last set is of hosts that no Host header holds.
HOSTS = [
    [],
    ["example.com"],
    ["example.com:8000", "[::1]:8000", "other.example"],
    ["user@example.com", "b\u00fccher.example", "ex%61mple.com", "\u2100.example", ""],
]

SPACES = ["", "", "", "", "", "", " ", "\t", "\n", "\r\n", "\x00", "\x1f", "\x7f", "\x85", "\u00a0", "\u2028", "\u3000", "\u200b", "\ufeff"]
STARTS = ["", "", "/", "/", "//", "//", "///", "////", "\\", "\\\\", "/\\", "\\/", "/\t/", "/\n\\", "/./", "./", "../", ".//", "?", "#",
          "http:", "http:/", "http://", "http://", "http:///", "http:\\\\", "http:/\\", "HTTP://", "https:", "https://", "https://",
          "https:///", "Https:\\", "ht\ntp://", "htt\u0440://", "javascript:", "javascript://", "JAVASCRIPT:", "java\tscript:", "data:",
          "vbscript:", "ftp://", "file:///", "ws://", "blob:http://", "1http://", "+http:", "-:", ".:", ":", "://", "a:", "a/b:"]
HOSTNAMES = ["", "", "example.com", "example.com", "example.com", "example.com:8000", "example.com:8000", "example.com:", "example.com:80", "example.com.",
             "Example.com", "evil.example", "evil.example", "other.example", "[::1]:8000", "[::1]", "[::1", "::1]", "[v1.a]", "[example.com]", "user@example.com",
             "user:word@other.example", "example.com@evil.example", "example.com\\@evil.example", "evil.example\\@example.com",
             "evil.example#@example.com", "evil.example?@example.com", "evil.example;@example.com", "example.com%2f@evil.example", "ex%61mple.com", "exa\tmple.com",
             "b\u00fccher.example", "\u2100.example", "evil.example\uff0fexample.com", "example\u3002com", "\uff45xample.com", "example.com\u00ad",
             "example.com\x00", "example.com evil.example", "127.0.0.1", "0x7f.1", "2130706433"]
USUAL_HOSTS = ["example.com", "example.com", "example.com:8000", "[::1]:8000", "other.example", "user@example.com", "b\u00fccher.example"]
PATHS = ["", "", "", "/", "/", "/a/b/", "/a/b.html", "a/b", "/a;b=c", "/..//evil.example", "/../../a", "//a", "/a//b", "\\a", "/a\\b", "/:a", ":a", "/a:b",
         "/%2f%2fevil.example", "/%5cevil.example", "/%09/evil.example", "/%0d%0aSet-Cookie:a=b", "/\u00e9", "/\U0001f600", "/a b", "/a\tb", "/\r\nX: y", "/a\x00b", "/[", "/]",
         "/@evil.example", "@evil.example", ":80", "80"]
QUERIES = ["", "", "", "", "?", "?a=b", "?a=b&c=%2F", "?next=//evil.example", "?u=http://evil.example", "?\\", "?a=\u00e9", "?a\nb", "#", "#a", "#//evil.example", "#\\", "?a#b?c"]
NASTY = "/\\:@?#[]%;.&=+- \t\n\r\x00\x0b\x1b\x7f\x85\u00a0\u00e9\u2028\u2100\u3000\uff0f\ufffd\ud7ff\U0001f600ahs1"

CORNERS = [
    "", " ", "\t", "/", "//", "///", "\\", "\\\\", "\\/", "/\\", "//\\", "?", "#", ".", "..", ":", "://evil.example", "://example.com/", "a", "a:", "a:b", "1", "1:2", "12:30",
    "example.com", "example.com:80", "example.com:8000/a", "localhost:8000", "//?a", "//#a", "//?@evil.example", "http:", "http://", "http:a", "http:/a",
    "http:?a", "https:example.com", "https:/example.com", "\u0378/a", "\ue000/a", "\uffff/a", "\U0010ffff", "\u202e/a", "\u200b//evil.example", "\xad//evil.example",
    "/\u2028/a", "a\u0000", "//example.com\u00a0", "\u00a0//example.com", "//example.com ", " //example.com", " //evil.example", "  /a  ", "/" + 2047 * "a", "/" + 2048 * "a",
    "//example.com/" + 2034 * "a", "//example.com/" + 2035 * "a", "/\u56fd", "\u56fd", "\uff0f\uff0fevil.example", "/.\\evil.example", "/./\\evil.example", "a/../\\evil.example",
]


class Dice:
    """Random choices that come out alike under every Python: only random() is sure to."""

    def __init__(self, seed):
        self.random = random.Random(seed).random

    def below(self, n):
        return int(self.random() * n)

    def pick(self, items):
        return items[self.below(len(items))]

    def odd(self):
        """Most are refused."""
        return "".join(self.pick(items) for items in (SPACES, STARTS, HOSTNAMES, PATHS, QUERIES, SPACES))

    def usual(self):
        """Most are allowed for one set of hosts or the other."""
        return "".join(self.pick(items) for items in (["//", "http://", "https://", "HTTPS://", "", "/"], USUAL_HOSTS, PATHS, QUERIES))

    def mutate(self, text):
        for _ in range(self.below(4)):
            at, until = sorted((self.below(len(text) + 1), self.below(len(text) + 1)))
            text = self.pick([
                text[:at] + self.pick(NASTY) + text[at:],
                text[:at] + self.pick(NASTY) + text[at + 1:],
                text[:at] + text[at + 1:],
                text[:until] + text[at:],
                text[:at] + self.pick(STARTS) + text[at:],
            ])
        return text[:60]


def urls():
    dice = Dice(1)
    found = dict.fromkeys(CORNERS)
    while len(found) < GENERATED:
        found[dice.mutate(dice.pick([dice.usual, dice.odd])())] = None
    return list(found)


LOGINS = [
    "/accounts/login/", "/login", "login.html", "./login", "../login/", "accounts/login", "/login?", "/login#", "/login?a=b", "/login?a=b#top", "/login#top?a", "/login?next=/old",
    "/login?next=/old&a=1&next=/older&b=2&a=3", "/login?a&b=&=c&&d==e", "/login?a=+%20%2B&%61=x", "/login?a=%zz%2&b=100%", "/login?a=%C3%A9\u00e9", "/login?a=b;c=d",
    "/login?a=~-._!*'()@:$,/[]", "/a b/\u00e9/login", "/a%20b/%C3%A9/%zz", "/a\\b", "/a\"<>^`{|}", "/login;a=b", "/log:in", "/login?n\u00e9xt=1#\u00e9 %", "/login?a=/b//c",
    "http://sso.example", "http://sso.example/login", "https://sso.example/login?a=b#c", "HTTPS://sso.example/login", "https://sso.example:8443?a=b", "https://sso.example#a",
    "//sso.example/login", "//sso.example", "http://example.com/login", "https://example.com/login", "//example.com/login", "http://example.com:8000/login", "https://[::1]:8000/login",
    "https://user:word@sso.example/login", "https://b\u00fccher.example/login", "http://EXAMPLE.com/login",
    "login", "accounts:login", "javascript:alert(1)//.", "data:text/html,/", "ftp://sso.example/login", "mailto:a@b.example",
]
NEXTS = [
    "/", "", "/a/b/", "/a?b=c&d=e#f", "//evil.example", "https://example.com/a?b=c", "/a b+c", "/\u00e9\u56fd\U0001f600", "/%2F%zz%", "\\evil.example", "/\r\nSet-Cookie: a=b", "/\x00\x7f\x85",
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
]
TARGETS = [
    "/", "/a/b/", "/a/b?c=d&e=f", "/a?", "/a??b", "/a?b=?/:@!$&'()*+,;=-._~%20%zz", "/a?b=[]{}|^`\"<>\\", "/a%20b/%C3%A9", "/%2F%2Fevil.example", "/a%2Fb", "/a%3Fb%23c", "/100%25", "/%252F",
    "//evil.example/a", "///a", "/a//b", "/%5Cevil.example", "/%09/evil.example", "/%0D%0Aa", "/%00", "/%FF", "/%E4%B8a%C3", "/%ED%A0%80", "/%F0%9F%98%80%F0%9F", "/%EF%BF%BD", "/a:b@c&d+e$f,g-_.!~*'()",
    "/a=b;c", "/a%22%3C%3E%5B%5D%5E%60%7B%7C%7D", "/a/./b", "/a/../b", "/../a", "/a/../../b", "/a/b/..", "/a/b/.", "/a/./b/..", "/a/./b/.", "//evil.example/../a", "/a//../b", "/a/../..//b", "/./", "/.//evil.example/./", "/a/..//b/", "//../a", "//..//..//a",
    "/a/%2E%2E/b", "/a/%2e/b?c=/../d", "/a%2F..%2Fb", "/..a/./...", "/a/b/../../c/./d/", "/a/./b?c=d",
]
SITES = [("http", "example.com"), ("https", "example.com"), ("http", "example.com:8000"), ("https", "[::1]:8000")]


def logins():
    """Each login URL with each of a few nexts and each next with a few login URLs; then random ones."""
    dice = Dice(2)
    cases = [(login, next) for login in LOGINS for next in ("/a/?b=c&d", "https://example.com/\u00e9")]
    cases += [(login, next) for next in NEXTS for login in ("/login", "https://sso.example/login?next=x&a=b")]
    for _ in range(150):
        query = "&".join("".join(dice.pick("abn%+= /;\u00e9\u56fd%~") for _ in range(dice.below(8))) for _ in range(dice.below(5)))
        cases.append((dice.pick(["/login?", "//sso.example/?"]) + query.replace("%", dice.pick(["%41", "%2f", "%C3%a9", "%"])),
                      "".join(dice.pick(NASTY) for _ in range(dice.below(12)))))
    return cases


def requests():
    dice = Dice(3)
    cases = [("/login", "http", "example.com", target) for target in TARGETS]
    cases += [("https://sso.example/login", "https", "example.com", target) for target in TARGETS]
    cases += [(login, scheme, host, "/a?b") for login in LOGINS if ":" in login or "//" in login for scheme, host in SITES]
    for _ in range(150):
        target = "/" + "".join(dice.pick(["a", "/", "/", ".", "..", "%20", "%C3%A9", "%ff", "%2f", "=", ";", "+"]) for _ in range(dice.below(12)))
        query = "".join(dice.pick("ab=&%+/?;[]'\"|") for _ in range(dice.below(8)))
        cases.append((dice.pick(["/login", "//sso.example/"]), "https", "example.com", target + ("?" + query if query else "")))
    return cases


def judge(python, asked):
    done = subprocess.run([python, "-W", "ignore", os.path.join(HERE, "judge.py")], input=json.dumps(asked).encode(), stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def write(name, header, sections, judges):
    """One case a line: what was asked, what the newest Django says, and what those say that differ. "!" is an exception."""
    with open(os.path.join(HERE, name), "w", encoding="utf-8") as file:
        file.write("{\n")
        for field, value in header.items():
            file.write("%s: %s,\n" % (json.dumps(field), json.dumps(value)))
        file.write(",\n".join("%s: [\n%s\n]" % (json.dumps(section), ",\n".join(lines(cases, section, judges))) for section, cases in sections.items()))
        file.write("\n}\n")


def lines(cases, section, judges):
    for place, case in enumerate(cases):
        newest = judges[0][section][place]
        others = {judge["django"]: judge[section][place] for judge in judges[1:] if judge[section][place] != newest}
        yield json.dumps([*case, newest] + ([others] if others else []), separators=(",", ":"))


def main(pythons):
    asked = {"hosts": HOSTS, "allowed": [(url,) for url in urls()], "to_login": logins(), "next": requests()}
    judges = [judge(python, asked) for python in pythons]
    djangos = {judge["django"]: judge["python"] for judge in judges}
    write("allowed.json", {"djangos": djangos, "hosts": HOSTS}, {"allowed": asked["allowed"]}, judges)
    write("login.json", {"djangos": djangos}, {"to_login": asked["to_login"], "next": asked["next"]}, judges)


main(sys.argv[1:])
