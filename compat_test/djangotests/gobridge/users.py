"""Users, user models and backends as the Go program expects them to be described."""
import datetime
import inspect

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connections, models
from django.utils.module_loading import import_string

from gobridge.hasher_options import hashing
from gobridge.sites import base_site
from gobridge.wire import BRIDGE, as_aware


def is_go_session(session):
    return hasattr(session, "_handle") and hasattr(session, "extra_columns")


def user_model():
    """The user model, as options of usertable.Open."""
    model = get_user_model()
    meta = model._meta
    columns = {f.name: f.column for f in meta.concrete_fields}
    key = next((k for c, k in ((models.UUIDField, "uuid"), ((models.AutoField, models.IntegerField), "integer"),
                               (models.CharField, "text")) if isinstance(meta.pk, c)), None)
    if key is None or model.USERNAME_FIELD not in columns:
        raise NotImplementedError("not bridged: the user model %s" % model)
    return {"table": meta.db_table, "model": meta.model_name, "key": key, "columns": {
        "ID": meta.pk.column, "Username": columns[model.USERNAME_FIELD], "Password": columns["password"],
        "IsActive": columns.get("is_active", ""), "LastLogin": columns.get("last_login", ""),
        "IsStaff": columns.get("is_staff", ""), "IsSuperuser": columns.get("is_superuser", "")}}


def own_backends():
    """The arguments of auth.WithBackend for the backends of the tests: those that are Django's ModelBackend under another
    name, and those that take no username and password."""
    from django.contrib.auth import backends  # which needs the apps
    own = {}
    for path in settings.AUTHENTICATION_BACKENDS:
        c = import_string(path)
        if path.startswith("django.contrib.auth.backends."):
            continue
        if issubclass(c, backends.ModelBackend) and c.authenticate is backends.ModelBackend.authenticate:
            own[path] = {"Password": True, "Inactive": issubclass(c, backends.AllowAllUsersModelBackend)}
        elif hasattr(c, "authenticate"):
            try:
                inspect.signature(c.authenticate).bind(None, None, username="", password="")
            except TypeError:
                own[path] = {}
    return own


def only_model_backends(*methods):
    """Whether all backends have these methods of Django's ModelBackend."""
    from django.contrib.auth import backends  # which needs the apps
    classes = [import_string(path) for path in settings.AUTHENTICATION_BACKENDS]
    return all(issubclass(c, backends.ModelBackend) and all(
        getattr(c, m) is getattr(backends.ModelBackend, m) for m in methods) for c in classes)


def auth_args(**more):
    return {"model": user_model(), "hashing": hashing(explicit=True), "own_backends": own_backends(),
            "database": str(connections["default"].settings_dict["NAME"]), **more}


def id_of(user):
    return "" if user.is_anonymous else user._meta.pk.value_to_string(user)


def inactive(user):
    """Whether is_active is False and not a column. A Go program says so in its own Users."""
    return not user.is_anonymous and not user.is_active and not any(f.name == "is_active" for f in user._meta.concrete_fields)


def ask(op, over=None, **args):
    return BRIDGE.call(op, auth_args(**args), base_site(), None, None, over)


def ask_session(session, op, **args):
    """Calls Go about a session: that of its request, while the middleware runs."""
    session.go()
    r = session.call(op, auth_args(request=session._request or 0, **args))
    session.take(r)
    return r


def asynchronous(f):
    async def run(*args, **kwargs):
        return await sync_to_async(f)(*args, **kwargs)
    return run


def found(model, go):
    """Django's object for the user that Go found. The fields have to be the same."""
    user = model._default_manager.get(pk=go["id"])
    known = {"username": str(user.get_username()), "password": user.password, "is_active": bool(getattr(user, "is_active", True))}
    for flag in ("is_staff", "is_superuser"):
        if any(f.name == flag for f in user._meta.concrete_fields):
            known[flag] = bool(getattr(user, flag))
    if any(f.name == "last_login" for f in user._meta.concrete_fields):
        known["last_login"] = "" if user.last_login is None else as_aware(user.last_login).astimezone(
            datetime.timezone.utc).isoformat(timespec="microseconds")
    if known != {k: go[k] for k in known}:
        BRIDGE.disagree("Go's user is %r; Django's: %r" % (go, known))
    return user
