"""Writes what a real Django does, for the Go tests beside it to compare with.

    pip install "django==6.1.3" tzdata && python generate.py

Python 3.13. Makes middleware.json, cookies.json, expiry.json and iso.json in
the directory of this script.
"""

import datetime
import itertools
import json
import pathlib
import time

import django
from django.conf import settings

HERE = pathlib.Path(__file__).parent
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MICROSECOND = datetime.timedelta(microseconds=1)

settings.configure(
    SECRET_KEY="secret",
    USE_TZ=True,
    TIME_ZONE="UTC",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.sessions"],
    LOGGING_CONFIG=None,
)
django.setup()

import django.test.signals  # noqa: E402, F401  settings that change take effect
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.contrib.sessions.exceptions import SessionInterrupted  # noqa: E402
from django.contrib.sessions.middleware import SessionMiddleware  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.test import RequestFactory, override_settings  # noqa: E402
from django.utils import timezone  # noqa: E402

NOW = datetime.datetime(2026, 3, 1, 12, 0, 0, 250000, tzinfo=datetime.timezone.utc)
VALID = "validvalidvalidvalidvalidvalid00"
UNKNOWN = "unknownunknownunknownunknown0000"
now = NOW


def freeze():
    """Stops the clock at now, in the zone that the settings ask for."""
    time.time = lambda: now.timestamp()
    timezone.now = lambda: (
        now
        if settings.USE_TZ
        else now.astimezone(timezone.get_default_timezone()).replace(tzinfo=None)
    )


def micros(moment):
    """The instant of a datetime, naive ones in TIME_ZONE, since 1970."""
    if timezone.is_naive(moment):
        moment = moment.replace(tzinfo=timezone.get_default_timezone())
    return (moment - EPOCH) // MICROSECOND


def store_valid():
    Session.objects.all().delete()
    Session.objects.create(
        session_key=VALID,
        session_data=SessionStore().encode({"n": 1}),
        expire_date=NOW + datetime.timedelta(days=1),
    )


COOKIES = {
    "absent": None,
    "empty": "sessionid=",
    "short": "sessionid=short",
    "unknown": f"sessionid={UNKNOWN}",
    "valid": f"sessionid={VALID}",
    "quoted": f'a=b; sessionid="{VALID}"',
    "last wins": f"sessionid={UNKNOWN}; sessionid={VALID}",
    "last loses": f"sessionid={VALID}; sessionid={UNKNOWN}",
}


def set_new(session):
    session["color"] = "blue"


def flush_and_set(session):
    session.flush()
    session["color"] = "blue"


def mark(session):
    session.modified = True


ACTIONS = {
    "untouched": None,
    "get": lambda session: session.get("n"),
    "set": set_new,
    "pop": lambda session: session.pop("n", None),
    "mark": mark,
    "clear": lambda session: session.clear(),
    "flush": lambda session: session.flush(),
    "flush and set": flush_and_set,
    "cycle": lambda session: session.cycle_key(),
    "browser close": lambda session: session.set_expiry(0),
    "expiry": lambda session: session.set_expiry(300),
}


def answer(cookie, action, status):
    """What the browser gets and what the table holds then."""
    request = RequestFactory().get("/")
    request.META.pop("HTTP_COOKIE", None)
    if cookie is not None:
        request.META["HTTP_COOKIE"] = cookie

    def view(request):
        if action:
            # Go's Sessions.Get has loaded the session by then.
            request.session.keys()
            action(request.session)
        return HttpResponse(status=status)

    try:
        response = SessionMiddleware(view)(request)
    except SessionInterrupted:
        response = HttpResponse(status=400)
    rows, keys = [], {VALID: "valid", UNKNOWN: "unknown"}
    for row in Session.objects.order_by("expire_date", "session_key"):
        name = keys.get(row.session_key, "new")
        data = json.dumps(row.get_decoded(), separators=(",", ":"))
        rows.append(f"{name} {data} {(row.expire_date - NOW) // MICROSECOND}")
        keys.setdefault(row.session_key, "new")
    header = ""
    if "sessionid" in response.cookies:
        header = response.cookies["sessionid"].OutputString()
        for key, name in keys.items():
            header = header.replace(key, name)
    return [response.status_code, header, response.headers.get("Vary", ""), sorted(rows)]


def middleware():
    cases = []
    for cookie, action, every, status in itertools.product(
        COOKIES, ACTIONS, (False, True), (200, 302, 404, 500, 503)
    ):
        store_valid()
        with override_settings(SESSION_SAVE_EVERY_REQUEST=every):
            want = answer(COOKIES[cookie], ACTIONS[action], status)
        cases.append([cookie, action, every, status, want])
    write("middleware.json", cases)


SETTINGS = [
    {},
    {"SESSION_COOKIE_DOMAIN": ".example.com"},
    {"SESSION_COOKIE_PATH": "/shop/"},
    {"SESSION_COOKIE_SECURE": True},
    {"SESSION_COOKIE_HTTPONLY": False},
    {"SESSION_COOKIE_SAMESITE": "None"},
    {"SESSION_COOKIE_SAMESITE": "Strict"},
    {"SESSION_COOKIE_SAMESITE": False},
    {"SESSION_COOKIE_AGE": 60},
    {"SESSION_COOKIE_AGE": 9999999999},
    {"SESSION_COOKIE_AGE": 251000000000},
    {"SESSION_EXPIRE_AT_BROWSER_CLOSE": True},
    {"SESSION_COOKIE_NAME": "__Secure-sid", "SESSION_COOKIE_SECURE": True},
    {"SESSION_COOKIE_NAME": "__Host-sid", "SESSION_COOKIE_SECURE": True},
    {"SESSION_COOKIE_NAME": "__Secure-sid"},
    {
        "SESSION_COOKIE_NAME": "shop",
        "SESSION_COOKIE_DOMAIN": "example.com",
        "SESSION_COOKIE_PATH": "/a b",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_SAMESITE": "None",
        "SESSION_COOKIE_HTTPONLY": False,
        "SESSION_COOKIE_AGE": 86400,
    },
]


def cookies():
    """Each setting, with the session's own expiry in JSON (null is absent)."""
    cases = []
    for changed, expiry in itertools.product(
        SETTINGS, ("", "0", "300", "-5", "0.5", "1.75", '"2026-03-02T00:00:00+00:00"')
    ):
        with override_settings(**changed):
            name = settings.SESSION_COOKIE_NAME

            def view(request, expiry=expiry):
                request.session["n"] = 1
                if expiry:
                    request.session["_session_expiry"] = json.loads(expiry)
                return HttpResponse()

            def ends(request):
                request.session.flush()
                return HttpResponse()

            store_valid()
            response = SessionMiddleware(view)(RequestFactory().get("/"))
            saved = response.cookies[name]
            cookie = saved.OutputString().replace(saved.value, "KEY")
            request = RequestFactory().get("/")
            request.COOKIES[name] = VALID
            deleted = SessionMiddleware(ends)(request).cookies[name].OutputString()
        cases.append(
            {"settings": changed, "expiry": expiry, "saved": cookie, "deleted": deleted}
        )
    write("cookies.json", cases)


ZONES = [(True, "America/Chicago"), (False, "America/Chicago"), (False, "Europe/Berlin"), (False, "UTC")]
MOMENTS = [
    NOW,
    # Before and within the hour that the clock shows twice.
    datetime.datetime(2026, 10, 24, 12, 30, tzinfo=datetime.timezone.utc),
    datetime.datetime(2026, 11, 1, 6, 30, 0, 999999, tzinfo=datetime.timezone.utc),
]
EXPIRIES = [
    "null", "0", "-0", "0.0", "-0.0", '""', "[]", "{}", "true", "false",
    "1", "60", "1209600", "31536000", "0.5", "1.5", "1.9999999", "2.5e3", "1e9", "1e10",
    "-1", "-0.5", "-3600", "-1e9", "86400000000", "1e12", "-1e12", "99999999999999999999", "1e400", "NaN",
    "Infinity", "-Infinity", "[1]", '{"a":1}', '"x"', '"60"', '" "', '"2026-03-05"',
    '"2026-03-08T01:59:59"', '"2026-03-08T03:00:00"', '"2026-11-01T01:30:00"', '"2026-10-25T02:30:00"',
    '"2026-03-05T10:00:00.123456"', '"2026-03-05T10:00:00+00:00"', '"2026-03-05T10:00:00.999999-05:00"',
    '"2026-03-05T10:00:00Z"', '"2025-01-01T00:00:00+00:00"', '"2025-01-01T00:00:00"',
    '"9999-12-31T23:59:59+00:00"', '"9999-12-31T23:59:59"', '"2026-02-30T00:00:00"',
]


def expiry():
    global now
    cases = []
    for (use_tz, zone), moment, text in itertools.product(ZONES, MOMENTS, EXPIRIES):
        now = moment
        with override_settings(USE_TZ=use_tz, TIME_ZONE=zone):
            session = SessionStore()
            session["_session_expiry"] = json.loads(text)
            case = {"usetz": use_tz, "zone": zone, "now": micros(moment), "expiry": text}
            try:
                # As the middleware does it, for the cookie and then the row.
                case["close"] = session.get_expire_at_browser_close()
                age = session.get_expiry_age()
                case["age"] = int(age)
                case["date"] = micros(session.get_expiry_date())
                if not case["close"]:
                    datetime.datetime.fromtimestamp(time.time() + age, datetime.timezone.utc)
            except Exception as e:
                case["error"] = type(e).__name__
            cases.append(case)
    now = NOW
    write("expiry.json", cases)


ISO = [
    "2026-03-05", "2026-03-05T", "2026-03-05T10", "2026-03-05T10:00", "2026-03-05 10:00:00",
    "2026-03-05x10:00:00", "2026-03-05é10:00:00", "2026-03-05-10:00:00", "2026-03-0510:00:00",
    "2026-03-05T10:00:00.1", "2026-03-05T10:00:00.12", "2026-03-05T10:00:00.123",
    "2026-03-05T10:00:00.1234", "2026-03-05T10:00:00.123456", "2026-03-05T10:00:00.1234567",
    "2026-03-05T10:00:00.", "2026-03-05T10:00:00,5", "2026-03-05T10:00:60", "2026-03-05T10:60:00",
    "2026-03-05T24:00:00", "2026-03-05T23:59:59.999999", "2026-03-05T10:0:00", "2026-03-05T1:00:00",
    "2026-3-05T10:00:00", "2026-13-05T10:00:00", "2026-00-05T10:00:00", "2026-02-29", "2024-02-29",
    "0000-01-01", "0001-01-01", "9999-12-31T23:59:59.999999", "10000-01-01", "02026-01-01", "2026/03/05",
    "2026-03-05T10:00:00Z", "2026-03-05T10:00:00z", "2026-03-05T10:00:00ZZ", "2026-03-05T10:00:00 Z",
    "2026-03-05T10Z", "2026-03-05Z", "2026-03-05+00:00", "2026-03-05T10:00:00+00:00",
    "2026-03-05T10:00:00-00:00", "2026-03-05T10:00:00+05:30", "2026-03-05T10:00:00-05:30:15",
    "2026-03-05T10:00:00+05:30:15.123456", "2026-03-05T10:00:00+23:59:59.999999", "2026-03-05T10:00:00+24:00",
    "2026-03-05T10:00:00+00:60", "2026-03-05T10:00:00+05", "2026-03-05T10:00:00+0530",
    "2026-03-05T10:00:00+5:30", "2026-03-05T10:00:00+", "2026-03-05T10:00:00+-5:30",
    "2026-03-05T10:00:00+05:30+05:30", "2026-03-05T10:00+01:00", "2026-03-05T10+01:00",
    "2026-03-05T10:00:00.5+01:00", "2026-03-05T+01:00", "2026-03-05T10:00:00\n", " 2026-03-05T10:00:00",
    "2026-03-05T10:00:00 ", "20260305", "20260305T100000", "2026-W10-4", "2026-W10", "2026-064",
    "2026-03-05T100000", "2026-03-05T10:0000", "２０２６-03-05", "2026-03-05T１0:00:00", "x", "2026",
    "2026-03-05T10:00:00+00:00:00", "2026-03-05T10:00:00+00:00:00.000000", "-026-03-05", "+026-03-05",
    "2026-03-05T-1:00:00", "2026-03-05T10:00:00.-1", "2026-03-05T10:00:00.12a", "2026-03-05\u000010:00:00",
    "2026-03-05T10:00:00+01:00:0", "2026-03-05T10:00:00.000001", "2026-03-05T10:00:00.9999999",
]


def iso():
    cases = []
    for text in ISO:
        case = {"text": text}
        try:
            moment = datetime.datetime.fromisoformat(text)
            case["aware"] = moment.tzinfo is not None
            if not case["aware"]:
                moment = moment.replace(tzinfo=datetime.timezone.utc)
            case["micros"] = (moment - EPOCH) // MICROSECOND
        except ValueError:
            case["error"] = True
        cases.append(case)
    write("iso.json", cases)


def write(name, cases):
    lines = ",\n".join(json.dumps(case, ensure_ascii=True) for case in cases)
    (HERE / name).write_text("[\n" + lines + "\n]\n")


call_command("migrate", verbosity=0)
freeze()
middleware()
cookies()
expiry()
iso()
