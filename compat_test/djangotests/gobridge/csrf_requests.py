"""Requests to Go's CSRF middleware."""
import copy
import json
import re

from django.conf import settings
from django.middleware import csrf

from gobridge.reference import pristine
from gobridge.requests import http_of
from gobridge.sites import base_site, form_settings
from gobridge.wire import BRIDGE

REDACTED = re.compile(r"([a-z][a-z0-9+.-]*)://(?:[^/?#@]*@)*([^/?#@]*)", re.I)


def redacted(url):
    """A URL in Go's reasons, which show only scheme and host (csrf/doc.go)."""
    if url == "null":
        return url
    m = REDACTED.match(url.lstrip("".join(map(chr, range(33)))))
    if not m or not re.fullmatch(r"([A-Za-z0-9.-]+|\[[A-Fa-f0-9]*:[A-Fa-f0-9.:]+\])(:[0-9]+)?", m[2]):
        return "malformed"
    return m[1].lower() + "://" + m[2]


def same_reason(go, django):
    """Whether Go's reason is Django's, apart from what it omits of a URL."""
    if go == django:
        return True
    m = re.fullmatch(r"((?:Origin|Referer) checking failed - )(.*)( does not match any trusted origins\.)", django, re.S)
    if m and go == m[1] + redacted(m[2]) + m[3]:
        BRIDGE.note("reasons: Go shows only scheme and host of an Origin or Referer (csrf/doc.go); the tests see Django's text")
        return True
    return False


old = pristine("django.middleware.csrf")
KEY = csrf.CSRF_SESSION_KEY


class Rejected(Exception):
    pass


class Reference(old.CsrfViewMiddleware):
    def _accept(self, request):
        return None

    def _reject(self, request, reason):
        raise Rejected(reason)


def reference_middleware():
    return Reference(lambda request: None)  # a new one each time, because it caches settings


def for_reference(request):
    """A copy of a request, for Django's own code."""
    t = copy.copy(request)
    t.META = dict(request.META)
    t.__dict__.pop("csrf_processing_done", None)
    return t


def call(op, args, more_settings=None):
    return BRIDGE.call(op, args, base_site(), None, None, more_settings)


def seed(value):
    """Arguments for a browser that has this secret."""
    if settings.CSRF_USE_SESSIONS:
        return {"session": value}
    return {"cookies": [] if value is None else [[settings.CSRF_COOKIE_NAME, value]]}


def once(args, more_settings=None):
    """Sends a whole request, by default one that csrf exempts."""
    request = {"method": "GET", "url": "/", "host": "example.com", "cookies": [], "exempt": True, **args}
    return call("csrf.once", request, more_settings)


def stored(r):
    """The secret in the cookie or the session after a request, and whether the request wrote it."""
    if settings.CSRF_USE_SESSIONS:
        value = r["session"]["value"]
        return (None if value is None else json.loads(value)), r["session"]["saved"]
    if not r["cookies"]:
        return None, False
    (line,) = r["cookies"]
    return line.partition("=")[2].partition(";")[0], True


COOKIE = {"CSRF_USE_SESSIONS": False}  # settings for a request whose secret is in a cookie


def from_cookie(r):
    (line,) = r["cookies"]
    return line.partition("=")[2].partition(";")[0]


class State:
    """The Go request that stands for a request of the tests."""

    live = None  # its number
    site = None  # the site and settings that it has
    secret = None  # the one that META was given
    touched = False  # the token was asked for, or rotated
    renewed = False  # the browser's secret was replaced


def state(request):
    if "_csrf_go" not in request.__dict__:
        request.__dict__["_csrf_go"] = State()
    s = request.__dict__["_csrf_go"]
    if s.live and s.site != json.dumps([base_site(), form_settings()]):
        drop(s)
    return s


def drop(s):
    if s.live:
        call_at(s, "csrf.end", {"live": s.live, "abort": True})
    s.live, s.touched = None, False


def call_at(s, op, args):
    site, more_settings = json.loads(s.site)
    return BRIDGE.call(op, args, site, None, None, more_settings)


def begin(request, args):
    """Sends the request to Go's middleware, whose handler or error handler then waits."""
    s = state(request)
    verdict = call("csrf.begin", args)
    return s, verdict, json.dumps([base_site(), form_settings()])


def browsers_secret(request):
    """The secret that the browser sent or the session holds."""
    if settings.CSRF_USE_SESSIONS:
        return request.session.get(KEY)
    return request.COOKIES.get(settings.CSRF_COOKIE_NAME)


def with_live(request):
    """The state, with a Go request: a new one has the secret in META."""
    s = state(request)
    secret = request.META.get("CSRF_COOKIE")
    if s.live and secret is not None and s.secret is not None and secret != s.secret:
        drop(s)  # the test changed META
    if not s.live:
        args = {**http_of(request, "GET"), **seed(secret), "exempt": True}
        s, verdict, s.site = begin(request, args)
        s.live = verdict["live"]
    return s
