"""Logins, through the project's own user model and AUTHENTICATION_BACKENDS."""

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest

from djsession_sessions import existing, load, store
from djsession_worker import method


def request_with(session):
    request = HttpRequest()
    request.session = session
    request.META.update(SERVER_NAME="localhost", SERVER_PORT="80", REMOTE_ADDR="127.0.0.1")
    return request


def described(user):
    if not user.is_authenticated:
        return {"id": "", "username": "", "authenticated": False}
    return {"id": user._meta.pk.value_to_string(user), "username": user.get_username(), "authenticated": True}


def found(username):
    return auth.get_user_model()._default_manager.get_by_natural_key(username)


@method
def user_store(username, password=None, fields=None):
    """Creates a user, or changes the one of this name, without the manager's create_user, whose
    arguments are each model's own. Without a password they can only be logged in by login."""
    model = auth.get_user_model()
    user = model._default_manager.filter(**{model.USERNAME_FIELD: username}).first()
    user = user or model(**{model.USERNAME_FIELD: username})
    for name, value in (fields or {}).items():
        setattr(user, name, value)
    user.set_password(password)
    user.save()
    return described(user)


@method
def user_set_password(username, password):
    user = found(username)
    user.set_password(password)
    user.save()


@method
def login(username, key=None):
    """Logs a user in without a password, as the test client's force_login does: in a new
    session, or in that of the key. Gives the session's key and the name of its cookie."""
    user = found(username)
    for path in settings.AUTHENTICATION_BACKENDS:
        if hasattr(auth.load_backend(path), "get_user"):
            break
    session = existing(key) if key else store()
    auth.login(request_with(session), user, backend=path)
    session.save()
    return {"key": session.session_key, "cookie": settings.SESSION_COOKIE_NAME}


@method
def logout(key):
    session = existing(key)
    auth.logout(request_with(session))
    return {"key": session.session_key}


@method
def whoami(key):
    """Gives the user whom Django finds logged in by a session, nobody if there is none. As in
    any request, Django flushes a session whose hash of the password does not match."""
    session, data, _ = load(key)
    return described(auth.get_user(request_with(store() if data is None else session)))
