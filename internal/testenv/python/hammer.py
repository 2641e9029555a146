"""A writer that never rests: requests that each set a number in one of some sessions."""

import importlib.util
import os
import random
import time
from contextlib import contextmanager
from importlib import import_module

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import close_old_connections, connection
from django.http import HttpResponse
from django.test import RequestFactory, override_settings

import judge
from methods import method


@method
def hammer(args):
    """{"session_keys", "name", "until", "rest", "snippet", "engine", "counter", "database",
    "caches"}: sends requests through the session middleware until there is a file named until,
    resting so many seconds before each. Each sets the next number under this writer's name, and
    the name under "by", in a session picked at random; the snippet, if it is given, is the path
    of the locked_session to do that with.

    The engine, if it is given, is one of ours, to use instead of SESSION_ENGINE. Then some requests
    write by update_atomically, and some increment the counter of the session with the key counter.
    The database's fields and CACHES, if they are given, hold meanwhile: they lead through a proxy.

    Gives {"acknowledged": [[index of the key, number, number before], ...], "counted": [[number,
    own increments or null], ...], "failed": {class: count}}: what was answered with 200, and what
    raised. An answer with the cookie of another session is a failure of class "another session": a
    cache that does not answer is an anonymous visitor to Django."""
    keys, name = args["session_keys"], args["name"]
    pick = random.Random(name)
    locked_session = _locked_session(args["snippet"]) if args.get("snippet") else None
    requests = RequestFactory()
    acknowledged, counted, failed = [], [], {}
    number = before = 0
    counts = False

    def view(request):
        nonlocal before
        # Our engine's writes are numbered, so that each is told from the one before.
        by = "%s/%d" % (name, number) if args.get("engine") else name
        if counts:
            before = request.session.update_atomically(lambda session: increment(session, name, number))
            return HttpResponse()
        if args.get("engine") and number % 4 == 1:
            before = request.session.update_atomically(lambda session: _write(session, name, number, by))
            return HttpResponse()
        if locked_session is None:
            before = _write(request.session, name, number, by)
            return HttpResponse()
        request.session.get(name)  # as whoever asked who is logged in has loaded it
        with locked_session(request) as session:
            before = _write(session, name, number, by)
        return HttpResponse()

    def send_all():
        nonlocal number, counts
        while number == 0 or not os.path.exists(args["until"]):
            time.sleep(args["rest"])
            number += 1
            index = pick.randrange(len(keys))
            counts = args.get("engine") is not None and number % 4 == 0
            key = args["counter"] if counts else keys[index]
            close_old_connections()  # as at the start of every request
            try:
                response = middleware(requests.get("/", HTTP_COOKIE="sessionid=" + key))
            except Exception as exception:
                kind = judge.name_of(exception)
                failed[kind] = failed.get(kind, 0) + 1
                if counts:
                    counted.append([number, None])
                time.sleep(0.01)
                continue
            cookie = response.cookies.get("sessionid")
            if cookie is not None and cookie.value != key:
                failed["another session"] = failed.get("another session", 0) + 1
                if counts:
                    counted.append([number, None])
            elif response.status_code == 200 and counts:
                counted.append([number, before])
            elif response.status_code == 200:
                acknowledged.append([index, number, before])

    with override_settings(**({"SESSION_ENGINE": args["engine"]} if args.get("engine") else {})):
        middleware = SessionMiddleware(view)
    with _through(args):
        send_all()
    return {"acknowledged": acknowledged, "counted": counted, "failed": failed}


@method
def lock_once(args):
    """{"snippet", "session_key" or null, "name", "fails"}: one request that sets name under
    locked_session, in a view that goes on if that fails. Gives the response's status, whether
    it sets a cookie, and the class of what was raised inside."""
    raised = []

    def view(request):
        try:
            with _locked_session(args["snippet"])(request) as session:
                session[args["name"]] = 1
                if args.get("fails"):
                    raise LookupError
        except Exception as exception:
            raised.append(judge.name_of(exception))
        return HttpResponse()

    cookie = {"HTTP_COOKIE": "sessionid=" + args["session_key"]} if args.get("session_key") else {}
    response = SessionMiddleware(view)(RequestFactory().get("/", **cookie))
    return {"status": response.status_code, "cookie": "sessionid" in response.cookies, "raised": "".join(raised)}


def _write(session, name, number, by):
    before = session.get(name, 0)
    session[name] = number
    session["by"] = by
    return before


@contextmanager
def _through(args):
    before = {name: connection.settings_dict[name] for name in args.get("database") or {}}
    with override_settings(**({"CACHES": args["caches"]} if args.get("caches") else {})):
        if before:
            connection.close()
            connection.settings_dict.update(args["database"])
        try:
            yield
        finally:
            if before:
                connection.close()
                connection.settings_dict.update(before)


def increment(session, name, number):
    """Increments the counter, and the count under the writer's name, which it returns."""
    own = session.get(name, 0) + 1
    session["counter"] = session.get("counter", 0) + 1
    session[name] = own
    session["for"] = "%s %d" % (name, number)
    return own


def _locked_session(path):
    spec = importlib.util.spec_from_file_location("locked_session", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.locked_session


@method
def contents(args):
    """{"session_keys"}: gives what Django loads of each, as plain JSON."""
    SessionStore = import_module(settings.SESSION_ENGINE).SessionStore
    return [dict(SessionStore(key).items()) for key in args["session_keys"]]
