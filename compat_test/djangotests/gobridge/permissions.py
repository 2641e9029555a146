"""Permissions with Go doing the work. Can be imported once the apps are loaded."""
from django.contrib.auth import models
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import ImproperlyConfigured

from gobridge.reference import djangos_outcome, method, reference
from gobridge.users import ask, asynchronous, found, id_of, inactive, only_model_backends
from gobridge.wire import BRIDGE, GoError


def has(original, several):
    def run(self, perms, obj=None):
        given = [p if isinstance(p, str) else repr(p) for p in (perms if several and not isinstance(perms, str) else [perms])]
        if obj is not None and only_model_backends("has_perm"):
            BRIDGE.note("permissions for an object: Go has none; the tests see Django's answer")
            with reference():
                return original(self, perms, obj)
        if not only_model_backends("has_perm", "get_all_permissions", "_get_permissions"):
            raise NotImplementedError("not bridged: permissions by a backend of the site's own")
        django, raised = djangos_outcome(lambda: original(self, perms, obj))
        try:
            go = ask("auth.has_perms", id=id_of(self), inactive=inactive(self), perms=given)
        except GoError as e:
            if isinstance(raised, ImproperlyConfigured) and "AUTHENTICATION_BACKENDS must not be empty" in str(e):
                raise raised
            raise
        if not self.is_anonymous:
            found(type(self), ask("auth.find", id=id_of(self)))
        if raised or set(go) != {django}:
            BRIDGE.disagree("has_perms %s: Go: %s; Django: %s" % (given, go, raised or django))
        return go[0]
    return run


all_of = ModelBackend.get_all_permissions


def go_permissions(user):
    return set(ask("auth.permissions", id=id_of(user), inactive=inactive(user)))


def get_all_permissions(self, user_obj, obj=None):
    with reference():
        django = all_of(self, user_obj, obj)
    if obj is not None:
        BRIDGE.note("permissions for an object: Go has none; the tests see Django's answer")
        return django
    go = go_permissions(user_obj)
    if go != django:
        BRIDGE.disagree("permissions of %s: Go: %s; Django: %d, %s" % (
            "a superuser" if user_obj.is_superuser else "a user", sorted(go), len(django), sorted(django)[:9]))
    return go


def partly(name):
    original = getattr(ModelBackend, name)

    def run(self, user_obj, obj=None):
        with reference():
            django = original(self, user_obj, obj)
        if obj is None and not user_obj.is_superuser and not django <= go_permissions(user_obj):
            BRIDGE.disagree("%s: %s, which are not all among Go's permissions" % (name, django))
        BRIDGE.note("%s: Go returns a user's own permissions and those of groups together; the tests see Django's "
                    "answer, which has to be a part of Go's" % name)
        return django
    return run


def has_module_perms(self, user_obj, app_label):
    return any(p.partition(".")[0] == app_label for p in get_all_permissions(self, user_obj))


def install():
    for c in (models.PermissionsMixin, models.AnonymousUser):
        for name, several in (("has_perm", False), ("has_perms", True)):
            replace_both(c, name, has(getattr(c, name), several))
    for name, f in (("get_all_permissions", get_all_permissions), ("get_user_permissions", partly("get_user_permissions")),
                    ("get_group_permissions", partly("get_group_permissions")), ("has_module_perms", has_module_perms)):
        replace_both(ModelBackend, name, f)


def replace_both(c, name, f):
    """Replaces a method and its asynchronous version, where Django has one."""
    method(c, name, f)
    if hasattr(c, "a" + name):
        method(c, "a" + name, asynchronous(f))
