"""What the tests of djsession.cache share."""

import contextlib
import functools
import os
import socket
import tempfile
import threading
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sessions.backends import cache as djangos
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.db import connections
from django.test import override_settings
from tests import cachesite

from djsession import swap
from djsession.cache import SessionStore


def each_cache(test):
    """Run a test for each cache, as the one that holds the sessions."""

    @functools.wraps(test)
    def each(self):
        for alias in cachesite.caches:
            with self.subTest(alias), override_settings(SESSION_CACHE_ALIAS=alias):
                test(self)

    return each


def stored(**values):
    """Return the key of a new session."""
    session = SessionStore()
    session.update(values)
    session.save()
    return session.session_key


def items(key):
    """Return what Django's own engine loads."""
    return dict(djangos.SessionStore(key).items())


def at_once(count, work):
    """Run work in so many threads at once. Return the exceptions."""
    errors = []

    def run(i):
        try:
            work(i)
        except Exception as error:
            errors.append(error)
        finally:
            caches[settings.SESSION_CACHE_ALIAS].close()
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def spoil(key):
    """Put something unreadable in the place of a session. Return its bytes if it is in Redis."""
    layer, name = SessionStore()._values, SessionStore.cache_key_prefix + key
    if not hasattr(layer, "encode"):
        return layer.cache.set(name, Unreadable(), 100)
    text = b"\xc1 neither a pickle nor JSON nor msgpack"
    layer.client(name).set(layer.full_key(name), text)
    return text


def can_fail(session):
    """Whether a session's cache can be down: whether it is not in memory."""
    return not hasattr(session._cache, "_expire_info")


@contextlib.contextmanager
def down(session):
    """Let a session have a cache of its kind that is down: without a server, a table or a directory."""
    there, backend = session._values, type(session._cache)
    with tempfile.NamedTemporaryFile() as file:
        if hasattr(there, "encode"):
            cache = backend("redis://127.0.0.1:1", {})
        elif hasattr(there, "gets"):
            cache = backend("127.0.0.1:1", {})
        elif hasattr(session._cache, "cache_model_class"):
            cache = backend("no_such_table", {})
        else:
            cache = backend(os.path.join(tempfile.gettempdir(), "djsession-none"), {})
            cache._dir = file.name  # no directory
        session._values = swap.of(cache)
        try:
            yield
        finally:
            session._values = there


@contextlib.contextmanager
def through_proxy(session, options, command):
    """Have a session reach its Redis, of Django's or django-redis, through a proxy that loses an answer, to the first command.

    Yields a list that then holds one request. options are those of redis-py's connections.
    """
    there, cache, lost = session._values, session._cache, []
    url = urlsplit(cache._servers[0] if hasattr(cache, "_servers") else cache.client._server[0])

    def serve(client):
        """Forward requests and answers one by one."""
        with client, socket.create_connection((url.hostname, url.port)) as server:
            with contextlib.suppress(OSError):
                while True:
                    request = client.recv(1 << 16)
                    if not request:
                        return
                    server.sendall(request)
                    answer = server.recv(1 << 16)
                    if not lost and command in request:
                        return lost.append(request)
                    client.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept():
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        netloc = "%s127.0.0.1:%d" % (url.netloc.rpartition("@")[0] and url.netloc.rpartition("@")[0] + "@", listener.getsockname()[1])
        params = dict(settings.CACHES[settings.SESSION_CACHE_ALIAS])
        params["OPTIONS"] = dict(params.get("OPTIONS", {}))
        if hasattr(cache, "client"):
            params["OPTIONS"]["CONNECTION_POOL_KWARGS"] = options
        else:
            params["OPTIONS"].update(options)
        session._values = swap.of(type(cache)(url._replace(netloc=netloc).geturl(), params))
        try:
            yield lost
        finally:
            session._values = there
            listener.shutdown(socket.SHUT_RDWR)


class Unreadable:
    """An object whose pickle can be made but not read."""

    def __reduce__(self):
        return (int, ("no number",))


class Uninstalled(BaseCache):
    """A cache whose client is not installed."""

    def __init__(self, location, params):
        import no_such_client  # noqa: F401
