"""The calls that a worker answers. Each takes its arguments as a dict.

Values are typed (see typed.py). A row is {"session_key", "session_data", "expire_date",
"expire_date_text"}: the date as Django reads it, in ISO 8601, and as the database shows it.
"""

import datetime
import platform

import django
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection, transaction

import clock
import exchange
import judge
import program
import randomdict
from typed import typed, untyped

METHODS = {}


def method(function):
    METHODS[function.__name__] = function
    return function


@method
def info(args):
    return {"django": django.get_version(), "python": platform.python_version(), "vendor": connection.vendor,
            "use_tz": settings.USE_TZ, "time_zone": settings.TIME_ZONE}


@method
def stop_clock(args):
    """{"at": seconds since 1970}: the time stands still there; null lets it run again."""
    clock.stop(args.get("at"))


@method
def migrate(args):
    """{"app": one app only, optional}"""
    call_command("migrate", *([args["app"]] if args.get("app") else []), interactive=False, verbosity=0)


@method
def execute(args):
    """{"sql", "params"}: runs a statement; gives its rows, each value as text or null."""
    with connection.cursor() as cursor:
        cursor.execute(args["sql"], args.get("params"))
        rows = cursor.fetchall() if cursor.description else []
    return [[None if value is None else str(value) for value in row] for row in rows]


# ---- Sessions

def _expire_date_texts(keys):
    kind = "char" if connection.vendor == "mysql" else "text"
    texts = {}
    with connection.cursor() as cursor:
        for start in range(0, len(keys), 500):
            part = keys[start:start + 500]
            cursor.execute("SELECT session_key, CAST(expire_date AS %s) FROM django_session WHERE session_key IN (%s)"
                           % (kind, ", ".join(["%s"] * len(part))), part)
            texts.update(cursor.fetchall())
    return texts


def rows_of(keys):
    texts = _expire_date_texts(keys)
    found = {}
    for start in range(0, len(keys), 500):
        found.update(Session.objects.in_bulk(keys[start:start + 500]))
    return [None if key not in found else {
        "session_key": key,
        "session_data": found[key].session_data,
        "expire_date": found[key].expire_date.isoformat(),
        "expire_date_text": texts[key],
    } for key in keys]


def _create(values, args):
    session = SessionStore()
    session.update(values)
    if args.get("expiry") is not None:
        session.set_expiry(untyped(args["expiry"]))
    if args.get("session_key"):
        session._session_key = args["session_key"]
        session.save(must_create=True)
    else:
        session.save()
    return session.session_key


def _created(sessions):
    with transaction.atomic():
        keys = [_create(untyped(one["values"]), one) for one in sessions]
    return rows_of(keys)


@method
def create(args):
    """{"values", "expiry" (as set_expiry takes it), "session_key"}, the last two
    optional: makes a session; gives its row."""
    return _created([args])[0]


@method
def create_many(args):
    """{"sessions": [as create takes them]}: gives their rows."""
    return _created(args["sessions"])


@method
def create_random(args):
    """{"seed", "count"}: makes random sessions; gives {"row", "values"} of each."""
    values = randomdict.dicts(args["seed"], args["count"])
    with transaction.atomic():
        keys = [_create(one, {}) for one in values]
    return [{"row": row, "values": typed(one)} for row, one in zip(rows_of(keys), values)]


@method
def random_values(args):
    """{"seed", "count"}: gives the values that create_random would store."""
    return [typed(one) for one in randomdict.dicts(args["seed"], args["count"])]


def _load(key):
    session = SessionStore(key)
    try:
        values = session._session
        loaded = {"found": session.session_key is not None, "values": typed(values)}
    except Exception as exception:
        return {"found": True, "error": judge.name_of(exception)}
    loaded["expiry"] = judge.expiry(session)
    return loaded


@method
def load(args):
    """{"session_key"}: gives {"found", "values", "expiry"}, or "error": what Django raised.
    A session that is not there, or has expired, is not found and empty."""
    return _load(args["session_key"])


@method
def load_many(args):
    """{"session_keys"}"""
    return [_load(key) for key in args["session_keys"]]


@method
def row(args):
    """{"session_key"}: gives its row as it is, expired or not, or null."""
    return rows_of([args["session_key"]])[0]


@method
def rows(args):
    """{"session_keys"}, or nothing for all in the order of their keys."""
    keys = args.get("session_keys")
    if keys is None:
        keys = list(Session.objects.order_by("session_key").values_list("session_key", flat=True))
    return rows_of(keys)


@method
def write_row(args):
    """{"session_key", "session_data", "expire_date" (ISO 8601)}: writes it as it is."""
    Session.objects.update_or_create(session_key=args["session_key"], defaults={
        "session_data": args["session_data"],
        "expire_date": datetime.datetime.fromisoformat(args["expire_date"]),
    })


@method
def change(args):
    """{"session_key", "program", "save" (default true)}: runs operations on a session, and
    saves it as a view's end would. Gives {"session_key", "results", "row"}."""
    session = SessionStore(args.get("session_key"))
    results = program.run(session, args["program"])
    if args.get("save", True) and session.modified and not session.is_empty():
        session.save()
    return {"session_key": session.session_key, "results": results,
            "row": rows_of([session.session_key])[0] if session.session_key else None}


@method
def exists(args):
    return SessionStore().exists(args["session_key"])


@method
def delete(args):
    SessionStore().delete(args["session_key"])


@method
def clear_expired(args):
    """Gives the keys that are left."""
    call_command("clearsessions", verbosity=0)
    return list(Session.objects.order_by("session_key").values_list("session_key", flat=True))


# ---- Texts

@method
def encode(args):
    """{"values"}: gives the session's text."""
    return SessionStore().encode(untyped(args["values"]))


@method
def encode_many(args):
    """{"values": [...]}"""
    return [SessionStore().encode(untyped(one)) for one in args["values"]]


def _decode(text):
    verdict, value, exception = judge.decode(text)
    answer = {"verdict": verdict}
    if verdict in (judge.OK, judge.NOT_A_DICT):
        answer["value"] = typed(value)
    if exception:
        answer["exception"] = exception
    return answer


@method
def decode(args):
    """{"text"}: gives {"verdict", "value", "exception"} (see judge.py)."""
    return _decode(args["text"])


@method
def decode_many(args):
    """{"texts": [...]}"""
    return [_decode(text) for text in args["texts"]]


@method
def parse_many(args):
    """{"documents": [hex]}: reads bytes with the session serializer alone; gives verdicts,
    which are "ok" or "unreadable"."""
    answers = []
    for document in args["documents"]:
        try:
            value = SessionStore().serializer().loads(bytes.fromhex(document))
            answers.append({"verdict": judge.OK, "value": typed(value)})
        except ValueError:
            answers.append({"verdict": judge.UNREADABLE})
    return answers


# ---- Requests

@method
def request(args):
    """Sends a request through the session middleware (see exchange.py)."""
    return exchange.run(args)


# Those of users, forms, messages, other session engines and writers under load stand in files of their own.
import cachecalls  # noqa: E402,F401
import engines  # noqa: E402,F401
import flashes  # noqa: E402,F401
import forms  # noqa: E402,F401
import hammer  # noqa: E402,F401
import moves  # noqa: E402,F401
import logins  # noqa: E402,F401
import enginesessions  # noqa: E402,F401
import pickled  # noqa: E402,F401
import together  # noqa: E402,F401
