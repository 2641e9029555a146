"""Sessions of the engine that SESSION_ENGINE names, which may be another package's."""

from importlib import import_module

from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from methods import method
from typed import typed, untyped


@method
def engine_session(args):
    """{"session_key", "user_agent", "ip", "set" (a typed dict), "cycle", "flush", "cache"
    (SESSION_CACHE_ALIAS)}, all optional: loads or makes a session as the package's middleware
    does for a request from there, and saves it if "set" or "cycle" are given. Gives
    {"session_key", "values", "resaves": whether loading it alone made the package save it}."""
    if args.get("cache"):
        settings.SESSION_CACHE_ALIAS = args["cache"]
    client = {name: args[name] for name in ("user_agent", "ip") if name in args}
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key=args.get("session_key"), **client)
    values = dict(session.items())
    resaves = session.modified
    if args.get("cycle"):
        session.cycle_key()
    if args.get("flush"):
        session.flush()
    if args.get("set") is not None:
        session.update(untyped(args["set"]))
        session.save()
    return {"session_key": session.session_key, "values": typed(values), "resaves": resaves}


@method
def clear_sessions(args):
    """{"settings"}: runs clearsessions under these settings."""
    with override_settings(**(args.get("settings") or {})):
        call_command("clearsessions", verbosity=0)
