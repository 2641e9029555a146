"""The calls about sessions of any engine. Each takes "settings": SESSION_ENGINE, the alias of
the cache and so on, which hold for the call."""

import pickle
import socket
import time
from importlib import import_module

from django.conf import settings
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

import judge
import kinds
import program
from logins import method
from typed import escape, typed, unescape, untyped


def key_function(key, key_prefix, version):
    """A KEY_FUNCTION."""
    return "%s/v%s/%s" % (key_prefix, version, key)


def _module():
    return import_module(settings.SESSION_ENGINE)


def _store(key=None):
    return _module().SessionStore(key)


def _create(values, expiry=None):
    session = _store()
    session.update(values)
    if expiry is not None:
        session.set_expiry(untyped(expiry))
    session.save()
    return session.session_key


@method
def engine_create(args):
    """{"values", "expiry" (as set_expiry takes it, optional)}: makes a session; gives its key."""
    return _create(untyped(args["values"]), args.get("expiry"))


@method
def engine_create_random(args):
    """{"seed", "count", "kind" (see kinds.py)}: makes sessions; gives of each {"session_key",
    "names": of its values, "values": if they have a typed form}."""
    made = []
    for values in kinds.dicts(args["kind"], args["seed"], args["count"]):
        made.append({"names": [escape(name) for name in values], "session_key": _create(values),
                     "values": None if args["kind"] == "pickle" else typed(values)})
    return made


@method
def engine_random_values(args):
    """{"seed", "count", "kind" (not pickle)}: gives the values."""
    return [typed(values) for values in kinds.dicts(args["kind"], args["seed"], args["count"])]


@method
def engine_differences(args):
    """{"seed", "count", "kind", "session_keys", "changed": of each session [name, value]}: loads
    the sessions that engine_create_random made, by the keys they have by now; gives of each what
    it differs in from what was made, but for the changed value, or null."""
    found = []
    every = zip(kinds.dicts(args["kind"], args["seed"], args["count"]), args["session_keys"], args["changed"])
    for want, key, (name, value) in every:
        session = _store(key)
        got = dict(session.items())
        want[unescape(name)] = untyped(value)
        found.append(kinds.difference(want, got))
    return found


def _load(key):
    session = _store(key)
    values = dict(session.items())
    loaded = {"found": session.session_key is not None and bool(values), "values": typed(values)}
    loaded["expiry"] = judge.expiry(session)
    return loaded


@method
def engine_load_many(args):
    """{"session_keys"}: as load_many; an empty session counts as not found."""
    return [_load(key) for key in args["session_keys"]]


@method
def engine_change(args):
    """{"session_key", "program", "save" (default true)}: as change, without the row."""
    session = _store(args.get("session_key"))
    results = program.run(session, args["program"])
    if args.get("save", True) and session.modified and not session.is_empty():
        session.save()
    return {"session_key": session.session_key or "", "results": results}


@method
def engine_exists(args):
    return bool(_store().exists(args["session_key"]))


@method
def engine_delete(args):
    _store().delete(args["session_key"])


@method
def create_cache_tables(args):
    call_command("createcachetable", verbosity=0)


# ---- Expiry

def _memcached_time_left(cache, key):
    host, port = cache._servers[0].rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=10) as conn:
        conn.sendall(b"mg %s t\r\n" % key.encode())
        answer = conn.recv(100).split()
    return None if answer[0] != b"HD" else int(answer[1][1:])


def _cached_time_left(cache, name):
    key = cache.make_key(name)
    backend = type(cache).__module__ + "." + type(cache).__name__
    if backend == "django.core.cache.backends.redis.RedisCache":
        left = cache._cache.get_client(key).pttl(key)
        return None if left < 0 else left / 1000
    if backend == "django_redis.cache.RedisCache":
        left = cache.client.get_client().pttl(key)
        return None if left < 0 else left / 1000
    if "memcached" in backend:
        return _memcached_time_left(cache, key)
    if "filebased" in backend:
        with open(cache._key_to_file(name), "rb") as file:
            return pickle.load(file) - time.time()
    with connection.cursor() as cursor:  # the database cache, in SQLite
        cursor.execute("SELECT (julianday(expires) - 2440587.5) * 86400 FROM %s WHERE cache_key = %%s" % cache._table, [key])
        row = cursor.fetchone()
    return None if row is None else row[0] - time.time()


@method
def engine_time_left(args):
    """{"session_key"}: gives for how many seconds the session is still kept in its cache or row;
    null if it is not there, or nothing of the kind is kept."""
    session = _store(args["session_key"])
    if settings.SESSION_ENGINE.endswith(".cache"):
        return _cached_time_left(session._cache, session.cache_key)
    if hasattr(session, "get_model_class"):
        row = session.get_model_class().objects.filter(session_key=args["session_key"]).first()
        return None if row is None else (row.expire_date - timezone.now()).total_seconds()
    if settings.SESSION_ENGINE == "redis_sessions.session":
        left = session.server.ttl(session.get_real_stored_key(args["session_key"]))
        return None if left < 0 else left
    return None


@method
def engine_forget(args):
    """{"session_key"}: drops the copy of cached_db from the cache."""
    session = _store(args["session_key"])
    session._cache.delete(session.cache_key)


@method
def engine_has_copy(args):
    """{"session_key"}: whether the cache holds a copy of cached_db."""
    session = _store(args["session_key"])
    return session._cache.get(session.cache_key) is not None


@method
def engine_slow_load(args):
    """{"session_key", "until": path}: loads a session of cached_db, and before the copy is stored
    waits until there is a file at that path."""
    import os
    session = _store(args["session_key"])
    cache, store = session._cache, session._cache.set

    def slowly(*arguments, **more):
        open(args["until"] + ".ready", "w").close()
        while not os.path.exists(args["until"]):
            time.sleep(0.001)
        return store(*arguments, **more)

    cache.set = slowly
    try:
        return typed(dict(session.items()))
    finally:
        del cache.set


@method
def engine_load_until(args):
    """{"session_keys", "until": path}: loads the sessions in turn until there is a file at that
    path; gives how many loads that were, and how many seconds lay, at most and on average, between
    SELECT and the copy's storage."""
    import os
    loads, longest, total, stored = 0, 0, 0, 0
    cache = caches[settings.SESSION_CACHE_ALIAS]
    store, read = cache.set, None
    kind = _module().SessionStore
    original = kind._get_session_from_db

    def noted(self):
        nonlocal read
        row = original(self)
        read = time.perf_counter()
        return row

    def timed(*arguments, **more):
        nonlocal longest, total, stored
        answer = store(*arguments, **more)
        took = time.perf_counter() - read
        longest, total, stored = max(longest, took), total + took, stored + 1
        return answer

    kind._get_session_from_db, cache.set = noted, timed
    try:
        while not os.path.exists(args["until"]):
            for key in args["session_keys"]:
                _store(key).get("a")
                loads += 1
    finally:
        kind._get_session_from_db = original
        del cache.set
    return {"loads": loads, "stored": stored, "longest": longest, "average": total / max(stored, 1)}
