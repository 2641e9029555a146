"""Writers for sessions that Go writes to as well. Each call takes "settings", with the SESSION_ENGINE to
use."""

import asyncio
import os
import statistics
import time
from importlib import import_module

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.cache import caches
from django.db import connection, connections
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext

import hammer
import judge
from logins import method

requests = RequestFactory()


def _send(middleware, key):
    """Sends a request, and fails unless it saves the session with this key."""
    response = middleware(requests.get("/", HTTP_COOKIE="sessionid=" + key))
    return _saved(response, key)


def _saved(response, key):
    if response.status_code != 200 or response.cookies["sessionid"].value != key:
        raise AssertionError("the session was not saved")


# ---- Processes

@method
def set_at_once(args):
    """{"session_key", "names", "gate": path}: forks a process for each name, all of which wait until
    there is a file at that path, and then set the name in the session, to its index, with a request
    each. Gives {name: "saved", or the class of an exception}."""
    connections.close_all()
    for alias in settings.CACHES:
        caches[alias].close()
        if hasattr(getattr(caches[alias], "_cache", None), "disconnect_all"):
            caches[alias]._cache.disconnect_all()  # close() leaves pylibmc's connection open, and processes would share it
    gate, opened = os.pipe()
    answers, answer = os.pipe()
    for index, name in enumerate(args["names"]):
        if os.fork() == 0:
            try:
                os.close(opened)
                os.read(gate, 1)  # until the parent closes its end
                os.write(answer, b"%d %s\n" % (index, _set_once(args["session_key"], name, index).encode()))
            finally:
                os._exit(0)
    os.close(answer)
    while not os.path.exists(args["gate"]):
        time.sleep(0.001)
    os.close(opened)
    with os.fdopen(answers) as lines:
        told = dict(line.split() for line in lines)
    for _ in args["names"]:
        os.wait()
    os.close(gate)
    return {name: told.get(str(index), "no answer") for index, name in enumerate(args["names"])}


def _set_once(key, name, index):
    def view(request):
        request.session[name] = index
        return HttpResponse()

    try:
        _send(SessionMiddleware(view), key)
    except Exception as exception:
        return judge.name_of(exception)
    return "saved"


# ---- One cart

@method
def fill_cart(args):
    """{"session_key", "times", "async" (optional)}: requests that each put one into the cart, by
    update_atomically, and each change a dict that is Django's own in place."""
    def one_more(session):
        cart = session.get("cart", {})
        cart["Django"] = cart.get("Django", 0) + 1
        session["cart"] = cart

    def view(request):
        request.session.update_atomically(one_more)
        request.session["Django's"]["n"] += 1
        request.session.modified = True
        return HttpResponse()

    async def aview(request):
        await request.session.aupdate_atomically(one_more)
        (await request.session.aget("Django's"))["n"] += 1
        request.session.modified = True
        return HttpResponse()

    async def send_all():
        middleware = SessionMiddleware(aview)
        for _ in range(args["times"]):
            _saved(await middleware(requests.get("/", HTTP_COOKIE="sessionid=" + args["session_key"])), args["session_key"])

    if args.get("async"):
        asyncio.run(send_all())
        return
    middleware = SessionMiddleware(view)
    for _ in range(args["times"]):
        _send(middleware, args["session_key"])


# ---- Counters and costs

@method
def count_up(args):
    """{"session_key", "name", "times"}: increments the session's counter by update_atomically. Gives
    {"counted": own increments after each, "failed": {class: count}}."""
    SessionStore = import_module(settings.SESSION_ENGINE).SessionStore
    counted, failed = [], {}
    for number in range(1, args["times"] + 1):
        try:
            counted.append(SessionStore(args["session_key"]).update_atomically(
                lambda session: hammer.increment(session, args["name"], number)))
        except Exception as exception:
            kind = judge.name_of(exception)
            failed[kind] = failed.get(kind, 0) + 1
    return {"counted": counted, "failed": failed}


@method
def save_costs(args):
    """{"engines", "session_keys": one for each, "times"}: requests that each change a key of a session,
    with each engine in turn. Gives of each engine {"queries": of one request, "micros": a request takes,
    the median}."""
    number = 0

    def view(request):
        request.session["number"] = number
        return HttpResponse()

    ways = []
    for engine in args["engines"]:
        with override_settings(SESSION_ENGINE=engine):
            ways.append(SessionMiddleware(view))
    both = list(zip(ways, args["session_keys"]))
    queries = []
    for way, key in both:
        number += 1
        with CaptureQueriesContext(connection) as captured:
            _send(way, key)
        queries.append(len(captured))
    took = [[] for _ in both]
    for _ in range(args["times"]):
        for i, (way, key) in enumerate(both):
            number += 1
            began = time.perf_counter()
            _send(way, key)
            took[i].append(time.perf_counter() - began)
    return [{"queries": n, "micros": 1e6 * statistics.median(times)} for n, times in zip(queries, took)]
