"""The calls about users, their names and passwords.

Each takes "settings", Django's settings that hold for the call: a SECRET_KEY of its own, say.
"""

import functools

from django.contrib.auth import authenticate, get_user_model, hashers
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction
from django.test import override_settings

import judge
import oddlogins
import usernames
from methods import method as plain_method


def method(function):
    @functools.wraps(function)
    def call(args):
        with override_settings(**(args.get("settings") or {})):
            return function(args)
    return plain_method(call)


# ---- Users

_user_model = None


@plain_method
def use_user_model(args):
    """{"name"}: AUTH_USER_MODEL from now on. (For a single call it would take long.)"""
    global _user_model
    if _user_model:
        _user_model.disable()
    _user_model = override_settings(AUTH_USER_MODEL=args["name"])
    _user_model.enable()


@method
def create_account_tables(args):
    """Makes the tables of the models in accounts."""
    from accounts.models import Account, Member
    with connection.schema_editor() as editor:
        editor.create_model(Account)
        editor.create_model(Member)


def _permissions(names):
    found = {"%s.%s" % (one.content_type.app_label, one.codename): one for one in Permission.objects.select_related("content_type")}
    return [found[name] for name in names]


def _create_user(about):
    model = get_user_model()
    user = model(**{model.USERNAME_FIELD: about["username"]})
    for field in ("pk", "is_active", "is_superuser"):
        if field in about:
            setattr(user, field, about[field])
    user.set_password(about.get("password"))
    user.save(force_insert=True)
    if about.get("permissions"):
        user.user_permissions.set(_permissions(about["permissions"]))
    if about.get("groups"):
        user.groups.set(Group.objects.filter(name__in=about["groups"]))
    return str(user.pk)


@method
def create_user(args):
    """{"username", "password" (null for an unusable one), "pk", "is_active", "is_superuser",
    "permissions" (as "app_label.codename"), "groups" (names)}, all optional but the first:
    gives the primary key as text."""
    return _create_user(args)


@method
def create_users(args):
    """{"users": [as create_user takes them]}: gives the primary keys."""
    with transaction.atomic():
        return [_create_user(one) for one in args["users"]]


@method
def create_like_users(args):
    """{"usernames", "password"}: makes users with one password, and one hash of it."""
    model = get_user_model()
    encoded = make_password(args["password"])
    model.objects.bulk_create([model(password=encoded, **{model.USERNAME_FIELD: name}) for name in args["usernames"]])


@method
def create_groups(args):
    """{"groups": {name: permissions}}"""
    for name, permissions in args["groups"].items():
        Group.objects.create(name=name).permissions.set(_permissions(permissions))


@method
def permissions_of(args):
    """{"usernames", "permissions"}: gives of each user {"all": what get_all_permissions says,
    "has": what has_perm says of each permission}."""
    answers = []
    for name in args["usernames"]:
        user = get_user_model().objects.get_by_natural_key(name)
        answers.append({"all": sorted(user.get_all_permissions()), "has": [user.has_perm(one) for one in args["permissions"]]})
    return answers


# ---- Names and passwords

@method
def authenticate_many(args):
    """{"attempts": [[username, password]]}: gives of each the user's primary key as text, or
    null if authenticate() found nobody or raised."""
    answers = []
    for username, password in args["attempts"]:
        try:
            user = authenticate(username=username, password=password)
        except Exception:
            user = None
        answers.append(None if user is None else str(user.pk))
    return answers


@method
def clean_usernames(args):
    """{"seed", "count"}: makes up what people type as their names; gives of each
    [what was typed, what AuthenticationForm makes of it]."""
    from django.contrib.auth.forms import AuthenticationForm
    field = AuthenticationForm().fields["username"]
    return [[typed_in, field.clean(typed_in)] for typed_in in usernames.typed_in(args["seed"], args["count"])]


@method
def make_passwords(args):
    """{"passwords": [[algorithm, password]]}: gives the hashes."""
    return [make_password(password, hasher=algorithm) for algorithm, password in args["passwords"]]


@method
def check_passwords(args):
    """{"checks": [[password, encoded]]}: gives of each {"ok": what check_password says, "updates":
    whether it had the password hashed anew, "raises"}."""
    answers = []
    for password, encoded in args["checks"]:
        anew = []
        try:
            answers.append({"ok": check_password(password, encoded, setter=anew.append), "updates": bool(anew)})
        except Exception as exception:
            answers.append({"ok": False, "raises": judge.name_of(exception)})
    return answers


@method
def hasher_classes(args):
    """Gives Django's own hashers: their dotted paths by their algorithms. crypt is left out."""
    return {kind.algorithm: kind.__module__ + "." + name for name, kind in vars(hashers).items()
            if name.endswith("PasswordHasher") and kind.algorithm not in (None, "crypt")}


@method
def create_odd_logins(args):
    """{"seed", "count"}: makes users, and sessions of all sorts of logins (see oddlogins.py).
    Gives of each {"session_key", "about"}."""
    return oddlogins.create(args["seed"], args["count"])


# Those of what users do stand in a file of their own.
import visits  # noqa: E402,F401
