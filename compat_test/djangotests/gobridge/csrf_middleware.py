"""CsrfViewMiddleware with Go doing the work."""
import json
import re
import time
import urllib.parse
from unittest import mock

from django.conf import settings
from django.http import HttpResponse, QueryDict
from django.middleware import csrf

from gobridge.csrf_requests import (KEY, Rejected, begin, browsers_secret, call, call_at, drop, old, once, reference_middleware,
                                    same_reason, seed, state, stored, for_reference, with_live)
from gobridge.csrf_tokens import update_meta
from gobridge.reference import method, unbridged
from gobridge.requests import http_of
from gobridge.wire import BRIDGE, b64


def process_request(self, request):
    if settings.CSRF_USE_SESSIONS and not hasattr(request, "session"):
        BRIDGE.only_if_not_applicable("a request without a session")
        return djangos["process_request"](self, request)
    sent = browsers_secret(request)
    s = state(request)
    if not s.live:
        s, verdict, s.site = begin(request, {**http_of(request, body=False), **seed(sent), "exempt": True})
        s.live, s.touched = verdict["live"], False
    # Other requests show what Go reads from what the browser sent.
    _, s.renewed = stored(once(seed(sent)))
    a, b = (stored(once({**seed(sent), "doing": ["token"]}))[0] for _ in range(2))
    go = "a new one" if s.renewed else a if a == b else None
    t = for_reference(request)
    t.META.pop("CSRF_COOKIE", None)
    t.META.pop("CSRF_COOKIE_NEEDS_UPDATE", None)
    reference_middleware().process_request(t)
    django = "a new one" if t.META.get("CSRF_COOKIE_NEEDS_UPDATE") else t.META.get("CSRF_COOKIE")
    if go != django:
        BRIDGE.disagree("of %r Go reads the secret %r; Django: %r" % (sent, go, django))
    if s.renewed:
        update_meta(request, s)
    elif go is not None:
        s.secret = request.META["CSRF_COOKIE"] = go


def djangos_reason(request, callback=None):
    """Django's reason to reject a request, or None."""
    try:
        reference_middleware().process_view(for_reference(request), callback, (), {})
    except Rejected as e:
        return e.args[0]


def process_view(self, request, callback, callback_args, callback_kwargs):
    if getattr(request, "csrf_processing_done", False):
        return None  # Go's middleware has answered
    exempt = bool(getattr(callback, "csrf_exempt", False))
    trusted = bool(getattr(request, "_dont_enforce_csrf_checks", False))
    args = {**http_of(request, body=not (exempt or trusted)), **seed(browsers_secret(request)), "exempt": exempt or trusted}
    s, verdict, site = begin(request, args)
    refused = verdict["refused"]
    try:
        django = djangos_reason(request, callback)
    except OSError as e:
        BRIDGE.disagree("Go: %r; Django: %r" % (refused, e))
    if (refused is None) != (django is None) or refused and not same_reason(refused["text"], django):
        BRIDGE.disagree("Go: %s; Django: %s" % (refused and refused["text"], django))
    if refused:
        if not named(refused["reason"], django):
            BRIDGE.disagree("Go's reason is %s; Django's text: %s" % (refused["reason"], django))
        expected = [{"level": "WARN", "message": "Forbidden", "reason": refused["text"], "method": args["method"],
                     "path": urllib.parse.unquote(urllib.parse.urlsplit(args["url"]).path)}]
        logged = [{k: v for k, v in m.items() if k != "form"} for m in verdict["logged"]]
        if refused["status"] != 403 or logged != expected:
            BRIDGE.disagree("Go answers %s and logs %s" % (refused["status"], verdict["logged"]))
    elif verdict["logged"]:
        BRIDGE.disagree("Go logs %s" % verdict["logged"])
    elif args["method"] == "POST" and not (exempt or trusted):
        variants(request, callback)
    if s.live and s.touched:  # keep what was done since process_request
        call("csrf.end", {"live": verdict["live"], "abort": True})
    else:
        drop(s)
        s.live, s.site, s.touched = verdict["live"], site, False
        if s.renewed and request.META.get("CSRF_COOKIE_NEEDS_UPDATE"):
            update_meta(request, s)
    if refused:
        return self._reject(request, django)
    return None if exempt else self._accept(request)


def variants(request, callback):
    """Asks Go and Django about requests like this good one, with the token elsewhere or twice."""
    token = request.POST.get("csrfmiddlewaretoken")
    if not token:
        return
    one, other = ({"csrfmiddlewaretoken": t} for t in (token, 64 * "a"))
    for query, forms in (("", [one, other]), ("", [other, one]), (urllib.parse.urlencode(one), []),
                         (urllib.parse.urlencode(other), [one])):
        t = for_reference(request)
        body = "&".join(urllib.parse.urlencode(f) for f in forms)
        t.META["QUERY_STRING"] = query
        t.GET, t.POST = QueryDict(query), QueryDict(body)
        refused = call("csrf.once", {**http_of(t), **seed(browsers_secret(request)), "exempt": False})["refused"]
        django = djangos_reason(t, callback)
        if (refused and refused["text"]) != django and not (refused and django and same_reason(refused["text"], django)):
            BRIDGE.disagree("with the query %r and the form %r: Go: %s; Django: %s" % (query, body, refused, django))


def named(reason, text):
    """Whether Go's Reason is the one that Django's text has."""
    constant = getattr(old, reason, None)
    if constant:
        return re.fullmatch(re.escape(constant).replace("%s", ".*"), text, re.S) is not None
    return {"BAD_COOKIE": "CSRF cookie has ", "BAD_TOKEN": "CSRF token from "}[reason] in text


GOOD = 32 * "a"


def rejection(request, secure, without=()):
    """Go's rejection of a request with a valid token, or None."""
    args = http_of(request, "POST", False, without)
    name = b64(settings.CSRF_HEADER_NAME[5:].replace("_", "-"))
    args["header_list"] = [h for h in args["header_list"] if h[0] != name] + [[name, b64(GOOD)]]
    if secure:
        args["tls"] = True
    more_settings = {"SECURE_PROXY_SSL_HEADER": []} if secure else None
    r = call("csrf.once", {**args, **seed(GOOD), "exempt": False}, more_settings)
    return r["refused"]


def _check_referer(self, request):
    refused = rejection(request, True, ("HTTP_ORIGIN",))
    try:
        reference_middleware()._check_referer(for_reference(request))
        django = None
    except old.RejectRequest as e:
        django = e.reason
    if (refused is None) != (django is None) or refused and not same_reason(refused["text"], django):
        BRIDGE.disagree("Go: %s; Django: %s" % (refused, django))
    if refused:
        raise csrf.RejectRequest(django)


def _origin_verified(self, request):
    refused = rejection(request, False)
    if refused and refused["reason"] != "REASON_BAD_ORIGIN":
        BRIDGE.disagree("Go rejects: %s" % refused["text"])
    if reference_middleware()._origin_verified(for_reference(request)) != (refused is None):
        BRIDGE.disagree("Go: %s; Django otherwise" % refused)
    return refused is None


def process_response(self, request, response):
    s = state(request)
    asked = bool(request.META.get("CSRF_COOKIE_NEEDS_UPDATE"))
    if not s.live:
        if not asked:
            return response  # already sent
        s = with_live(request)
        call_at(s, "csrf.token", {"live": s.live})
    now = time.time()
    vary = [response.headers["Vary"]] if "Vary" in response.headers else []
    site, more_settings = json.loads(s.site)
    answer = BRIDGE.call("csrf.end", {"live": s.live, "status": response.status_code, "answer": {"Vary": vary}}, site, now,
                         None, more_settings)
    s.live, s.touched, s.secret, s.renewed = None, False, None, False
    with mock.patch("time.time", lambda: now):
        if settings.CSRF_USE_SESSIONS:
            value, wrote = stored(answer)
            if wrote != (asked and request.session.get(KEY) != request.META["CSRF_COOKIE"]):
                BRIDGE.disagree("Go saves the session: %s; Django: %s" % (wrote, not wrote))
            if wrote:
                if value != request.META["CSRF_COOKIE"]:
                    BRIDGE.disagree("Go saves %r, but its tokens are of %r" % (value, request.META["CSRF_COOKIE"]))
                request.session[KEY] = value
        else:
            if asked != bool(answer["cookies"]):
                BRIDGE.disagree("Go sends %s; Django would send a cookie: %s" % (answer["cookies"], asked))
            for line in answer["cookies"]:
                t, r = for_reference(request), HttpResponse()
                reference_middleware().process_response(t, r)
                django = r.cookies[settings.CSRF_COOKIE_NAME].OutputString()
                if line != django:
                    BRIDGE.disagree("Go: %s; Django: %s" % (line, django))
                set_cookie(response, line)
    if answer["vary"] != vary:
        response.headers["Vary"] = ", ".join(answer["vary"])
    if asked:
        request.META["CSRF_COOKIE_NEEDS_UPDATE"] = False
    return response


def set_cookie(response, line):
    name, _, rest = line.partition("=")
    value, *attributes = rest.split("; ")
    found = {}
    for a in attributes:
        k, has, v = a.partition("=")
        found[k.lower()] = v if has else True
    response.set_cookie(
        name, value, max_age=int(found["max-age"]) if "max-age" in found else None, path=found.get("path", "/"),
        domain=found.get("domain"), secure="secure" in found, httponly="httponly" in found, samesite=found.get("samesite"))
    if response.cookies[name].OutputString() != line:
        BRIDGE.disagree("Go: %s; Django: %s" % (line, response.cookies[name].OutputString()))


djangos = {}  # the original methods


def install():
    for f in (process_request, process_view, process_response, _check_referer, _origin_verified):
        djangos[f.__name__] = method(csrf.CsrfViewMiddleware, f.__name__, f)
    for name in ("_get_secret", "_check_token", "_set_csrf_cookie"):
        method(csrf.CsrfViewMiddleware, name, unbridged(name))
