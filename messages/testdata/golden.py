"""Write golden-<Django version>.json: what this Django's MessageMiddleware does, page by page.

    python golden.py

Run it once under each Django that a file is wanted for. The output is the same every time.

A case is a site and the pages that one browser visits there. A page is a program:
["add", level, text, extra_tags, safe], ["get"], ["keep"] and ["level", n]; before one that begins
with ["lose"] the browser loses its cookie. What became of it is what each "get" showed, the
Set-Cookie for the messages, and the session's "_messages" afterwards.
"""

import json
import os
import time

import django
from django.conf import settings

time.time = lambda: 1700000000.5

STORAGES = "django.contrib.messages.storage."
SECRET = "the-secret-of-the-site \u00e9"
settings.configure(SECRET_KEY=SECRET, ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__)
django.setup()

from django.contrib import messages  # noqa: E402
from django.contrib.messages.middleware import MessageMiddleware  # noqa: E402
from django.contrib.messages.storage import base  # noqa: E402
from django.contrib.messages.utils import get_level_tags  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.test import RequestFactory, override_settings  # noqa: E402
from django.utils.safestring import mark_safe  # noqa: E402

urlpatterns = []

COOKIE, SESSION, FALLBACK = [STORAGES + name for name in ["cookie.CookieStorage", "session.SessionStorage", "fallback.FallbackStorage"]]
SITES = {
    "default": {},
    "cookie": {"MESSAGE_STORAGE": COOKIE},
    "session": {"MESSAGE_STORAGE": SESSION},
    "fallback": {"MESSAGE_STORAGE": FALLBACK},
    "attributes": {"SESSION_COOKIE_DOMAIN": ".example.com", "SESSION_COOKIE_SECURE": True, "SESSION_COOKIE_HTTPONLY": False, "SESSION_COOKIE_SAMESITE": "Strict",
                   "SESSION_COOKIE_NAME": "unused", "SESSION_COOKIE_PATH": "/unused/", "SESSION_COOKIE_AGE": 5},
    "no samesite": {"SESSION_COOKIE_SAMESITE": None},
    "level": {"MESSAGE_LEVEL": 10},
    "tags": {"MESSAGE_TAGS": {"10": "", "25": "alert success", "40": "danger", "50": "fatal"}},
}

TEXTS = ["Hello", "a, b; c", 'quotes " and \' and \\', "<b>bold</b> & more", "\u00e9\u20ac\U0001f375", "\x00\x1f\x7f\x80\xff", "line\nfeed\ttab", " ", "=", "$", ":", ".", "{\"a\": [1]}",
         "__messagesnotfinished__", "__json_message", "\ud800 alone", "\udfff\ud800"]


def noise(n, seed):
    """n characters that cannot be compressed well, the same every time."""
    chars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    out = []
    for _ in range(n):
        seed = (seed * 1103515245 + 12345) % 2147483648
        out.append(chars[seed >> 16 & 63])
    return "".join(out)


def add(text, level=20, tags="", safe=False):
    return ["add", level, text, tags, safe]


GET, KEEP, LOSE = ["get"], ["keep"], ["lose"]
BIG = [noise(600, n) for n in range(5)]


def cases():
    for site in SITES:
        yield site, [[add("one", 25), add("two", 30, "sticky"), add("<i>three</i>", 40, "", True)], [], [GET], [GET]]
        yield site, [[add("level", level)] for level in [10, 20, 25, 30, 40, 50]] + [[GET]]
    for site in ["cookie", "session", "fallback"]:
        yield site, [[add(text) for text in TEXTS], [add("more")], [GET]]
        yield site, [[add("tags", 20, tags) for tags in ["", " ", "a b", "\u00e9", '"']], [GET]]
        yield site, [[add("safe", 20, "", True), add("plain")], [GET]]
        yield site, [[add("")], [GET], [GET, add("later")], [], [GET, GET], [add("x"), GET, add("y"), GET, add("z")], [GET]]
        yield site, [[add("one")], [GET, KEEP], [GET, KEEP, add("two")], [GET]]
        yield site, [[["level", 40], add("lost", 30), add("kept", 40)], [["level", 5], add("low", 5), add("lower", 4)], [GET]]
        yield site, [[add("number", level) for level in [0, -7, 2**63 - 1]], [["level", -7], add("a", -8), add("b", -7)], [GET]]
        yield site, [[["level", -10**30], add("huge", 10**30), add("less", -10**30)], [add("more")], [GET]]
        yield site, [[add(BIG[0])], [add(BIG[1])], [add(BIG[2])], [add(BIG[3])], [add(BIG[4])], [], [GET], [GET]]
        yield site, [[add(big) for big in BIG], [add("small")], [GET, add("next")], [GET]]
        yield site, [[add(big) for big in BIG[:3]], [LOSE, GET], [LOSE, add("small")], [GET], [add(big) for big in BIG[2:]], [GET], [GET]]
        yield site, [[add("x" * 2500)], [add("small")], [GET]]
        yield site, [[add(noise(3000, 9))], [add("small")], [GET], [GET], [add("more")], [GET]]
        yield site, [[add("repeat ") for _ in range(90)], [GET]]


class Session(dict):
    modified = False


def visit(program, cookie, session):
    extra = {} if cookie is None else {"HTTP_COOKIE": "messages=" + cookie}
    request = RequestFactory().get("/", **extra)
    request.session = session
    shown = []

    def view(request):
        for step in program:
            storage = messages.get_messages(request)
            if step[0] == "add":
                _, level, text, tags, safe = step
                messages.add_message(request, level, mark_safe(text) if safe else text, extra_tags=tags)
            elif step[0] == "get":
                shown.append([[m.level, m.message, m.extra_tags or "", m.tags, hasattr(m.message, "__html__")] for m in storage])
            elif step[0] == "keep":
                storage.used = False
            elif step[0] == "level":
                messages.set_level(request, step[1])
        return HttpResponse()

    response = MessageMiddleware(view)(request)
    return shown, response.cookies.get("messages")


def outcomes(site, pages):
    changes = dict(SITES[site])
    if "MESSAGE_TAGS" in changes:
        changes["MESSAGE_TAGS"] = {int(level): tag for level, tag in changes["MESSAGE_TAGS"].items()}
    with override_settings(**changes):
        base.LEVEL_TAGS = get_level_tags()
        held, session = None, Session()
        for program in pages:
            if program[:1] == [LOSE]:
                held = None
            shown, cookie = visit(program, held, session)
            outcome = {"shown": shown}
            if cookie is not None:
                outcome["set"] = cookie.OutputString()
                held = None if cookie["max-age"] == 0 else cookie.coded_value
            outcome["session"] = session.get("_messages")
            yield outcome


def main():
    version = ".".join(map(str, django.VERSION[:3]))
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden-%s.json" % version)
    with open(path, "w") as f:
        f.write('{"django": %s, "secret": %s,\n"sites": %s,\n"cases": [\n' % tuple(map(json.dumps, [version, SECRET, SITES])))
        f.write(",\n".join(json.dumps({"site": site, "pages": pages, "outcomes": list(outcomes(site, pages))}, separators=(",", ":")) for site, pages in cases()))
        f.write("]}\n")


main()
