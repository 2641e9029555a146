"""The calls about what users do on a site, and what becomes of their sessions.

As those in logins.py, each takes "settings".
"""

from django.conf import settings
from django.contrib.auth import authenticate, get_user, get_user_model, login, logout, update_session_auth_hash
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.middleware import SessionMiddleware
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

import judge
from logins import method
from typed import typed


def _name(user):
    return user.get_username() if user.is_authenticated else None


def _log_in(request, username, password):
    user = authenticate(request, username=username, password=password)
    if user is not None:
        login(request, user)
    return user is not None


def _change_password(request, password):
    user = request.user
    user.set_password(password)
    user.save()
    update_session_auth_hash(request, user)


def _update(username, **fields):
    model = get_user_model()
    model.objects.filter(**{model.USERNAME_FIELD: username}).update(**fields)


def _set(request, name, value):
    request.session[name] = value


# What a view can be told to do. A step is a list of a name and its arguments.
STEPS = {
    "who": lambda request: _name(request.user),
    "log in": _log_in,
    "log out": logout,
    "set": _set,
    "get": lambda request, name: request.session.get(name),
    "has perms": lambda request, names: [request.user.has_perm(name) for name in names],
    "change own password": _change_password,
    "set password": lambda request, username, password: _update(username, password=make_password(password)),
    "set outdated password": lambda request, username, password: _update(
        username, password=PBKDF2PasswordHasher().encode(password, "salt" * 8, 10)),
    "deactivate": lambda request, username: _update(username, is_active=False),
    "delete": lambda request, username: get_user_model().objects.get_by_natural_key(username).delete() and None,
}


def _visit(visit):
    results = []

    def view(request):
        results.extend([STEPS[name](request, *arguments) for name, *arguments in visit["steps"]])
        return HttpResponse()

    request = RequestFactory().get("/")
    if visit.get("session_key"):
        request.COOKIES[settings.SESSION_COOKIE_NAME] = visit["session_key"]
    response = SessionMiddleware(AuthenticationMiddleware(view))(request)
    cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
    key = visit.get("session_key") if cookie is None else cookie.value
    return {"session_key": key or "", "results": results}


@method
def visit_many(args):
    """{"visits": [{"session_key", "steps"}]}: sends requests through the session and the
    authentication middleware. Gives of each {"session_key": what the browser holds afterwards,
    "results" of the steps}."""
    return [_visit(one) for one in args["visits"]]


# ---- What became of sessions and users

_NEW_KEY = "a new key"


def _live(keys):
    found = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return {row.session_key: row for row in found}


def _offline(key, row):
    """A session that is loaded from the row, which it leaves as it is."""
    session = SessionStore(key)

    def load():
        if row is None:
            session._session_key = None
        return row

    def create():
        session._session_key = _NEW_KEY

    session._get_session_from_db, session.create, session.delete = load, create, lambda *key: None
    return session


def _verdict(key, row):
    request = HttpRequest()
    request.session = _offline(key, row)
    try:
        user = get_user(request)
    except Exception as exception:
        return {"raises": judge.name_of(exception)}
    after = request.session.session_key
    verdict = {"flush": after is None and request.session.modified, "renew": after == _NEW_KEY}
    if user.is_authenticated:
        verdict.update(id=str(user.pk), username=user.get_username())
    return verdict


@method
def who_many(args):
    """{"session_keys"}: gives what get_user makes of each: {"id" (as text) and "username" of who
    is logged in, "flush", "renew": what it does to the session, "raises"}. Nothing is changed."""
    rows = _live(args["session_keys"])
    return [_verdict(key, rows.get(key)) for key in args["session_keys"]]


def _kind_of_hash(user, given):
    if given == user.get_session_auth_hash():
        return "current"
    if hasattr(user, "_legacy_get_session_auth_hash") and given == user._legacy_get_session_auth_hash():
        return "legacy"
    return "other"


def _fate(row, users):
    if row is None:
        return None
    values = SessionStore().decode(row.session_data)
    user = users.get(values.get("_auth_user_id"))
    if user:
        values["_auth_user_id"] = "of " + user.get_username()
        values["_auth_user_hash"] = _kind_of_hash(user, values["_auth_user_hash"])
    return {"values": typed(values), "expire_date": row.expire_date.isoformat(), "username": _verdict(row.session_key, row).get("username")}


@method
def fates(args):
    """{"session_keys"}: gives of each null if it is gone, or {"values" with the user's name for
    his id, and "current", "legacy" or "other" for the hash, "expire_date", "username": of the user
    whom get_user takes as logged in}."""
    users = {str(user.pk): user for user in get_user_model().objects.all()}
    rows = _live(args["session_keys"])
    return [_fate(rows.get(key), users) for key in args["session_keys"]]


@method
def state_of_users(args):
    """{"usernames"}: gives of each null, or {"last_login" in ISO 8601, "password": the hash's
    algorithm and its cost}."""
    found = {user.get_username(): {"last_login": user.last_login and user.last_login.isoformat(), "password": user.password.split("$")[:2]}
             for user in get_user_model().objects.all()}
    return [found.get(name) for name in args["usernames"]]
