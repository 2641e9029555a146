"""Django's own code as the reference: it is asked as well, and Go has to agree with it."""
import asyncio
import contextlib
import functools
import importlib.util
import sys
import threading
import time
from unittest import mock

from gobridge.wire import BRIDGE, GoError

_THREAD = threading.local()


@contextlib.contextmanager
def reference():
    """Inside it, everything that is replaced is Django's own code."""
    before = getattr(_THREAD, "on", False)
    _THREAD.on = True
    try:
        yield
    finally:
        _THREAD.on = before


def djangos_turn():
    """Whether Django's own code is to answer: for the reference, and in tests that do not apply."""
    return getattr(_THREAD, "on", False) or BRIDGE.not_applicable


def as_reference(f):
    """Decorates f to run with Django's own code only."""
    @functools.wraps(f)
    def run(*args, **kwargs):
        with reference():
            return f(*args, **kwargs)
    return run


def outcome(f, errors):
    try:
        return f(), None
    except errors as e:
        return None, e


def djangos_outcome(f):
    """What f returns and the exception that it raises, with Django's own code."""
    with reference():
        return outcome(f, Exception)


# ---- Replacing Django's code

def bridged(original):
    """Decorates what replaces a function of Django's."""
    def decorate(f):
        if asyncio.iscoroutinefunction(original):
            @functools.wraps(original)
            async def run(*args, **kwargs):
                return await (original if djangos_turn() else f)(*args, **kwargs)
        else:
            @functools.wraps(original)
            def run(*args, **kwargs):
                return (original if djangos_turn() else f)(*args, **kwargs)
        run.djangos = original
        return run
    return decorate


def replace(module, **functions):
    """Replaces functions of a module, also where they were imported by name."""
    for name, f in functions.items():
        original = getattr(module, name)
        rebind(original, bridged(original)(f))


def rebind(original, new):
    """Binds new wherever a module but ours has original."""
    for name, module in list(sys.modules.items()):
        if name.startswith("gobridge"):
            continue
        space = getattr(module, "__dict__", {})
        for n, v in list(space.items()):
            if v is original:
                space[n] = new


def method(cls, name, f):
    """Replaces a method, and returns the original."""
    original = getattr(cls, name)
    setattr(cls, name, bridged(original)(f))
    return original


def unbridged(name):
    """A function that raises: nothing falls back to Django's code."""
    def f(*args, **kwargs):
        raise NotImplementedError("not bridged: %s" % name)
    return f


def pristine(name):
    """A second copy of a module, in which nothing is replaced."""
    spec = importlib.util.find_spec(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ---- Signing, whose reference is a second copy of the module

def _pristine_signing():
    module = pristine("django.core.signing")
    imports = module.import_string
    module.import_string = lambda path: (
        module.TimestampSigner if path == "django.core.signing.TimestampSigner" else imports(path))
    return module


PRISTINE = _pristine_signing()

# The exceptions that Django may raise for each kind of error.
RAISED = {
    "no_separator": ["BadSignature"], "mismatch": ["BadSignature"], "expired": ["SignatureExpired"],
    "timestamp": ["ValueError", "IndexError"], "base62": ["ValueError", "IndexError"], "base64": ["Error"], "zlib": ["error"],
    "separator": ["ValueError"], "algorithm": ["InvalidAlgorithm"], "syntax": ["JSONDecodeError"],
}


def both(go, django, same=lambda a, b: a == b):
    """Go's result, provided that Django's at the same instant is the same."""
    now = time.time()
    with mock.patch("time.time", lambda: now):
        a, failed = outcome(go, GoError)
        b, raised = outcome(django, Exception)
    if failed and raised and type(raised).__name__ in RAISED.get(failed.kind, ()):
        raise _public(raised)
    if failed or raised or not same(a, b):
        BRIDGE.disagree("Go: %r; Django: %r" % (failed or a, raised or b))
    return a


def _public(error):
    """The exception as an instance of the class that the tests know."""
    from django.core import signing
    c = type(error)
    return getattr(signing, c.__name__)(*error.args) if c.__module__ == "django.core.signing" else error
