"""The functions of django.contrib.auth with Go doing the work."""
import contextlib
import time
from unittest import mock

from django.contrib import auth
from django.http import HttpRequest

from gobridge.reference import djangos_outcome, replace
from gobridge.users import ask, ask_session, asynchronous, found, id_of, is_go_session
from gobridge.wire import BRIDGE, as_aware, b64


class ReferenceSession(dict):
    """The session that Django's code gets as the reference."""

    flushed = cycled = False

    def flush(self):
        self.clear()
        self.flushed = True

    def cycle_key(self):
        self.cycled = True


originals = {n: getattr(auth, n) for n in ("login", "logout", "get_user", "authenticate", "update_session_auth_hash")}


def session_of(request):
    if not is_go_session(request.session):
        raise NotImplementedError("not bridged: a session that is not Go's")
    return request.session


def reference_request(session):
    """A request with a session of the same data, for the reference."""
    request = HttpRequest()
    request.session = ReferenceSession(session.items())
    return request


def without_signals():
    """Inside it, Django sends no signals of logins."""
    stack = contextlib.ExitStack()
    for n in ("user_logged_in", "user_logged_out", "user_login_failed"):
        stack.enter_context(mock.patch.object(getattr(auth, n), "send", lambda *a, **k: None))
    stack.enter_context(mock.patch.object(auth, "rotate_token", lambda request: None))
    return stack


def login(request, user, backend=None):
    backend = backend or getattr(user, "backend", None)
    if user is None or not (backend is None or isinstance(backend, str)):
        raise NotImplementedError("not bridged: a login without a user or of a backend that is no path")
    session = session_of(request)
    session.go()
    key, ref = session.session_key, reference_request(session)
    with without_signals():
        _, raised = djangos_outcome(lambda: originals["login"](ref, user, backend))
    now = time.time()
    r = ask_session(session, "auth.login", id=id_of(user), backend=backend or "")
    if r.get("error") == "backend" and isinstance(raised, ValueError):
        raise raised
    if r.get("error") or raised:
        BRIDGE.disagree("login: Go: %r; Django: %r" % (r.get("error"), raised))
    if dict(session.items()) != dict(ref.session):
        BRIDGE.disagree("login: Go's session holds %r; Django's: %r" % (dict(session.items()), dict(ref.session)))
    if not session._request and key and (key != session.session_key) != (ref.session.flushed or ref.session.cycled):
        BRIDGE.disagree("login: Go's session has the key %s after %s; Django flushed it: %s, cycled it: %s" % (
            session.session_key, key, ref.session.flushed, ref.session.cycled))
    if any(f.name == "last_login" for f in user._meta.concrete_fields):
        user.last_login = type(user)._base_manager.values_list("last_login", flat=True).get(pk=user.pk)
        if user.last_login is None or abs(as_aware(user.last_login).timestamp() - now) > 5:
            BRIDGE.disagree("login: Go stores %s as last_login" % user.last_login)
    set_user(request, user)
    before = 32 * "a"
    rotated = ask("auth.rotated", id=id_of(user), backend=session[auth.BACKEND_SESSION_KEY], password=b64(before))
    if rotated.get("error") or len(rotated["secret"]) != len(before) or rotated["secret"] == before:
        BRIDGE.disagree("login: the browser's CSRF secret %s becomes %r" % (before, rotated))
    auth.rotate_token(request)
    auth.user_logged_in.send(sender=user.__class__, request=request, user=user)


def logout(request):
    user = getattr(request, "user", None)
    if not getattr(user, "is_authenticated", True):
        user = None
    auth.user_logged_out.send(sender=user.__class__, request=request, user=user)
    r = ask_session(session_of(request), "auth.logout")
    if r.get("error") or r["key"] or not r["empty"]:
        BRIDGE.disagree("logout: Go's session is %r" % r)
    from django.contrib.auth.models import AnonymousUser
    set_user(request, AnonymousUser())


def set_user(request, user):
    if hasattr(auth, "_set_auth_user"):
        auth._set_auth_user(request, user)
    elif hasattr(request, "user"):
        request.user = user


def get_user(request):
    from django.contrib.auth.models import AnonymousUser
    model = auth.get_user_model()
    session = session_of(request)
    session.go()
    key, ref = session.session_key, reference_request(session)
    django, raised = djangos_outcome(lambda: originals["get_user"](ref))
    r = ask_session(session, "auth.user")
    id = django and id_of(django) or None
    if raised or (r["user"] and r["user"]["id"]) != id or r["flush"] != ref.session.flushed or r["renew"] != ref.session.cycled:
        BRIDGE.disagree("get_user: Go: %r (%s, flushed: %s, renewed: %s); Django: %r (flushed: %s, cycled: %s)" % (
            r["user"], r["reason"], r["flush"], r["renew"], raised or id, ref.session.flushed, ref.session.cycled))
    if not session._request:
        if dict(session.items()) != dict(ref.session):
            BRIDGE.disagree("get_user: Go's session holds %r; Django's: %r" % (dict(session.items()), dict(ref.session)))
        if r["flush"] and session.session_key or r["renew"] and session.session_key in (None, key):
            BRIDGE.disagree("get_user: Go's session has the key %s after %s" % (session.session_key, key))
    return found(model, r["user"]) if r["user"] else AnonymousUser()


def authenticate(request=None, **credentials):
    model = auth.get_user_model()
    name = credentials.get(model.USERNAME_FIELD, credentials.get("username"))
    if name is None or credentials.get("password") is None or credentials.keys() - {"username", "password", model.USERNAME_FIELD}:
        raise NotImplementedError("not bridged: credentials other than a name and a password")
    with without_signals():
        django, raised = djangos_outcome(lambda: originals["authenticate"](request, **credentials))
    r = ask("auth.authenticate", username=str(name), password=b64(credentials["password"]))
    go = r["user"]
    if raised or r.get("error") not in (None, "credentials") or (go and go["id"]) != (django and id_of(django)) or (
            go and go["backend"]) != (django and django.backend):
        BRIDGE.disagree("authenticate: Go: %r, %s; Django: %r" % (go, r.get("error"), raised or django and (
            id_of(django), django.backend)))
    if go:
        user = found(model, go)
        user.backend = go["backend"]
        return user
    auth.user_login_failed.send(sender="django.contrib.auth", credentials=auth._clean_credentials(credentials), request=request)


def update_session_auth_hash(request, user):
    session = session_of(request)
    session.go()
    if not session._request:
        raise NotImplementedError("not bridged: update_session_auth_hash outside Go's middleware, which needs a request")
    same = request.user == user
    r = ask_session(session, "auth.update_hash", id=id_of(user))
    if r.get("error"):
        BRIDGE.disagree("update_session_auth_hash: Go: %s" % r["error"])
    if (session.get(auth.HASH_SESSION_KEY) == user.get_session_auth_hash()) != same:
        BRIDGE.disagree("update_session_auth_hash: Go's hash is %s; Django's: %s" % (
            session.get(auth.HASH_SESSION_KEY), user.get_session_auth_hash()))


def install():
    functions = dict(login=login, logout=logout, get_user=get_user, authenticate=authenticate,
                     update_session_auth_hash=update_session_auth_hash)
    for name, f in list(functions.items()):
        if hasattr(auth, "a" + name):
            functions["a" + name] = asynchronous(f)
    replace(auth, **functions)
