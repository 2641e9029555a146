"""Where a login leads, and the username field of its form, with Go doing the work. Can be imported once the apps are
loaded."""
import asyncio
import copy
import functools
import re
import threading

from django.conf import settings
from django.contrib.auth import decorators, forms, views
from django.http import HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from django.utils import http

from gobridge.reference import method, rebind, reference, replace
from gobridge.requests import http_of
from gobridge.users import ask
from gobridge.wire import BRIDGE, b64, un64

allowed_by_django = http.url_has_allowed_host_and_scheme
redirect_of = views.RedirectURLMixin.get_redirect_url
login_by_django = views.redirect_to_login
test_by_django = decorators.user_passes_test

NONE = "/there-is-no-next/"  # LOGIN_REDIRECT_URL, to recognize that there is no next


def to_python(self, value):
    with reference():
        django = typed(self, value)
    if not isinstance(value, str) or self.max_length is not None and len(django) > self.max_length:
        BRIDGE.note("UsernameField: NormalizeUsername does not check whether a name is too long for the model")
        return django
    for name in (" \x1c\u3000" + value + "\ufb01\u2460\u212b\u00a0\n", value):  # the first is not in Django's tests
        with reference():
            django = typed(self, name)
        go = un64(BRIDGE.call("auth.typed", {"username": name}))
        if go != django and (self.max_length is None or len(django) <= self.max_length):
            BRIDGE.disagree("the name %r: Go: %r; Django: %r" % (name, go, django))
    return go


def allowed(url, allowed_hosts, require_https=False):
    hosts = [allowed_hosts] if isinstance(allowed_hosts, str) else sorted(allowed_hosts or ())
    for there in (re.sub("^https?:", "ftp:", url or "", flags=re.I), url):  # the first is not in Django's tests
        go = BRIDGE.call("url.allowed", {"url": b64(there or ""), "hosts": hosts, "https": bool(require_https)})
        with reference():
            django = allowed_by_django(there, allowed_hosts, require_https)
        if go != django:
            BRIDGE.disagree("%r to %s: Go: %s; Django: %s" % (there, hosts, go, django))
    return go


def get_redirect_url(self, *request):
    if self.redirect_field_name != "next" or self.success_url_allowed_hosts:
        BRIDGE.note("LoginView with another redirect_field_name or success_url_allowed_hosts: NextURL has neither; the "
                    "check is Go's (safeurl.Allowed), its use Django's")
        return redirect_of(self, *request)
    go = un64(ask("auth.next", {"LOGIN_REDIRECT_URL": NONE}, http=http_of(*request or [self.request])))
    go = "" if go == NONE else go
    with reference():
        django = redirect_of(self, *request)
    if go != django:
        BRIDGE.disagree("next: Go: %r; Django: %r" % (go, django))
    for query, body in (("next=/a/", "next=/b/"), ("next=/a/", "next=//evil.example/"), ("next=/a/&next=/c/", ""),
                        ("next=//evil.example/", ""), ("", "next=/b/&next=ftp://evil.example/")):
        view, t = copy.copy(self), copy.copy(request[0] if request else self.request)
        t.META = {**t.META, "QUERY_STRING": query}
        t.method, t.GET, t._post, t._files = "POST" if body else "GET", QueryDict(query), QueryDict(body), {}
        view.request = t
        there = un64(ask("auth.next", {"LOGIN_REDIRECT_URL": NONE}, http=http_of(t)))
        with reference():
            django = redirect_of(view)
        if there != (django or NONE):
            BRIDGE.disagree("next, with the query %s and the form %s: Go: %r; Django: %r" % (query, body, there, django))
    return go


def redirect_to_login(next, login_url=None, redirect_field_name="next"):
    request, BRIDGE.guarded = BRIDGE.guarded, None
    with reference():
        django = login_by_django(next, login_url, redirect_field_name)
    if redirect_field_name != "next":
        BRIDGE.note("redirect_to_login with another field than next: Go has no other; the tests see Django's answer")
        return django
    url = resolve_url(login_url or settings.LOGIN_URL)
    if request is not None:
        r = ask("auth.guard", http=http_of(request, body=False), login_url=url)
        go = un64(r["location"])
        if r["passed"] or r["status"] != django.status_code:
            BRIDGE.disagree("the guard: Go: %r; Django: %s" % (r, django.status_code))
    else:
        go = BRIDGE.call("url.to_login", {"url": b64(url), "next": b64(str(next))})
    if go != django.url:
        BRIDGE.disagree("to the login: Go: %s; Django: %s" % (go, django.url))
    return HttpResponseRedirect(go)


def user_passes_test(test_func, login_url=None, redirect_field_name="next"):
    now = threading.local()

    def test(user):
        ok = test_func(user)
        BRIDGE.guarded = None if ok else getattr(now, "request", None)
        return ok

    if asyncio.iscoroutinefunction(test_func):
        return test_by_django(test_func, login_url, redirect_field_name)
    decorate = test_by_django(test, login_url, redirect_field_name)

    def decorator(view):
        wrapped = decorate(view)
        if asyncio.iscoroutinefunction(wrapped):
            return test_by_django(test_func, login_url, redirect_field_name)(view)

        @functools.wraps(wrapped)
        def run(request, *args, **kwargs):
            now.request = request
            return wrapped(request, *args, **kwargs)
        return run
    return decorator


def install():
    global typed
    typed = method(forms.UsernameField, "to_python", to_python)
    replace(http, url_has_allowed_host_and_scheme=allowed)
    method(views.RedirectURLMixin, "get_redirect_url", get_redirect_url)
    replace(views, redirect_to_login=redirect_to_login)
    rebind(test_by_django, user_passes_test)
