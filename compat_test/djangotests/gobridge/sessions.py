"""django.contrib.sessions with Go doing the work."""
import importlib
import types

from django.contrib.sessions.backends import base

from gobridge.reference import unbridged
from gobridge.session_dict import Dict
from gobridge.session_engines import STORES

# What stays Django's: the names of settings and models, and the methods of SessionBase that only raise.
keep = {"key_salt", "model", "get_model_class", "get_session_cookie_age", "_validate_session_key", "__init__"}
abstract = {n for m in ("create", "delete", "exists", "load", "save", "clear_expired") for n in (m, "a" + m)}


def bridged(mixin, original):
    """The class original with the methods of mixin. All other methods raise."""
    body = {"engine": "" if mixin is Dict else original.__module__, "__module__": original.__module__}
    for name in dir(original):
        attribute = getattr(original, name)
        if name in keep or hasattr(object, name) or hasattr(mixin, name) or mixin is Dict and name in abstract:
            continue
        if name == "aset":
            body[name] = aset
        elif name[0] == "a" and hasattr(mixin, name[1:]):
            body[name] = asynchronous(name[1:])
        elif name == "_aget_new_session_key" and mixin is not Dict:
            body[name] = asynchronous("_get_new_session_key")
        elif isinstance(attribute, (types.FunctionType, types.MethodType)):
            body[name] = unbridged(name)
        elif isinstance(attribute, property):
            body[name] = property(unbridged(name))
    return type(original.__name__, (mixin, original), body)


def asynchronous(name):
    if name == "clear_expired":
        async def run(cls):
            return cls.clear_expired()
        return classmethod(run)

    async def run(self, *args, **kwargs):
        return getattr(self, name)(*args, **kwargs)
    return run


async def aset(self, key, value):
    self[key] = value


# For the tests of SessionBase itself: a session without a store.
GoBase = bridged(Dict, base.SessionBase)


def install():
    """Replaces the session stores of all engines."""
    modules = {engine: importlib.import_module(engine) for engine in STORES}  # cached_db derives from Django's own db
    for engine, module in modules.items():
        module.SessionStore = bridged(STORES[engine], module.SessionStore)
