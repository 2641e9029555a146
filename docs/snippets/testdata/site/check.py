"""Runs the checks of ../../locked_session_test.go against one site: a JSON document on stdin
says which, see main. Prints "ok" and the number of checks, or ends with a traceback."""

import importlib.util
import json
import sys
import threading

from django.conf import settings


def configure(site):
    settings.configure(
        SECRET_KEY="not a secret",
        ALLOWED_HOSTS=["*"],
        DATABASES=site["databases"],
        DATABASE_ROUTERS=["shop.routers." + site["router"]] if site["router"] else [],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        INSTALLED_APPS=["django.contrib.sessions", "shop"],
        SESSION_ENGINE=site["engine"],
        USE_TZ=True,
    )
    import django

    django.setup()


class Site:
    def __init__(self, site):
        from django.contrib.sessions.middleware import SessionMiddleware
        from django.test import RequestFactory

        spec = importlib.util.spec_from_file_location("locked_session", site["snippet"])
        snippet = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(snippet)
        self.lock, self.interrupted = snippet.locked_session, snippet.SessionInterrupted
        self.store = SessionMiddleware(lambda request: None).SessionStore
        self.model = self.store().model
        self.database = "sessions" if site["router"] else "default"
        self.rows = self.model.objects.using(self.database)
        self.requests, self.middleware = RequestFactory(), SessionMiddleware

    def create_tables(self, databases):
        from django.db import connections

        for name in databases:
            if name != "default" or self.database == "default":
                with connections[name].schema_editor() as editor:
                    editor.create_model(self.model)

    def create(self, **values):
        session = self.store()
        session.update(values)
        session.save()
        return session.session_key

    def copy_to_replica(self, key):
        row = self.rows.get(session_key=key)
        row.save(using="replica", force_insert=True)

    def stored(self, key):
        """What the row holds, or None."""
        row = self.rows.filter(session_key=key).first()
        return None if row is None else self.store().decode(row.session_data)

    def write(self, key, **values):
        """Another writer's save."""
        row = self.rows.get(session_key=key)
        data = self.store().decode(row.session_data)
        data.update(values)
        row.session_data = self.store().encode(data)
        row.save(using=self.database)

    def visit(self, view, key=None):
        from django.http import HttpResponse

        def answer(request):
            return view(request) or HttpResponse()

        cookie = {"HTTP_COOKIE": "sessionid=" + key} if key else {}
        return self.middleware(answer)(self.requests.get("/", **cookie))


CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


@check
def what_is_set_is_saved(site, key):
    def view(request):
        with site.lock(request) as session:
            session["inside"] = 1
        assert not request.session.modified, "the middleware saves again"
        assert request.session["inside"] == 1

    site.visit(view, key)
    assert site.stored(key) == {"account": "7", "n": 1, "inside": 1}, site.stored(key)
    if hasattr(site.model, "account_id"):
        assert site.rows.get(session_key=key).account_id == "7"


@check
def what_was_written_before_the_lock_is_kept(site, key):
    def view(request):
        assert request.session["n"] == 1
        site.write(key, n=2, other="writer")
        with site.lock(request) as session:
            assert session["n"] == 2, "the session is the one from before the lock"
            session["n"] += 1

    site.visit(view, key)
    assert site.stored(key) == {"account": "7", "n": 3, "other": "writer"}, site.stored(key)


@check
def what_fails_is_not_saved(site, key):
    def view(request):
        for change in (lambda s: s.update({"n": 9}), lambda s: s.cycle_key(), lambda s: s.flush()):
            try:
                with site.lock(request) as session:
                    change(session)
                    raise LookupError
            except LookupError:
                pass
            assert request.session.session_key == key and request.session["n"] == 1

    response = site.visit(view, key)
    assert "sessionid" not in response.cookies
    assert site.stored(key) == {"account": "7", "n": 1}, site.stored(key)


@check
def a_save_that_fails_is_not_repeated(site, key):
    def view(request):
        try:
            with site.lock(request) as session:
                session["n"] = object()  # which no serializer takes
        except TypeError:
            return
        raise AssertionError("it was saved")

    site.visit(view, key)
    assert site.stored(key) == {"account": "7", "n": 1}, site.stored(key)


@check
def reading_writes_nothing(site, key):
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    def view(request):
        with site.lock(request) as session:
            assert session["n"] == 1

    with CaptureQueriesContext(connections[site.database]) as queries:
        site.visit(view, key)
    assert not [q for q in queries.captured_queries if q["sql"].startswith(("UPDATE", "INSERT"))], queries.captured_queries


@check
def a_new_visitor_gets_a_session(site, _):
    def view(request):
        with site.lock(request) as session:
            session["n"] = 1

    response = site.visit(view)
    assert site.stored(response.cookies["sessionid"].value) == {"n": 1}


@check
def a_login_inside_gets_its_cookie(site, key):
    def view(request):
        with site.lock(request) as session:
            session["n"] = 2
            session.cycle_key()

    response = site.visit(view, key)
    assert site.stored(key) is None
    assert site.stored(response.cookies["sessionid"].value) == {"account": "7", "n": 2}


@check
def a_logout_inside_ends_the_session(site, key):
    before = site.rows.count()

    def view(request):
        with site.lock(request) as session:
            session.flush()

    response = site.visit(view, key)
    assert site.rows.count() == before - 1, "the session is still there, or another one was made"
    assert response.cookies["sessionid"]["max-age"] == 0


@check
def an_ended_session_is_interrupted(site, key):
    from django.http import HttpResponse

    def view(request):
        assert request.session["n"] == 1
        site.rows.filter(session_key=key).delete()
        try:
            with site.lock(request) as session:
                session["n"] = 2
        except site.interrupted:
            return HttpResponse(status=400)  # as Django answers it

    response = site.visit(view, key)
    assert response.status_code == 400
    assert response.cookies["sessionid"]["max-age"] == 0, "the visitor would be refused again"
    assert site.stored(key) is None


@check
def the_row_is_locked(site, key):
    from django.db import DatabaseError, connections, transaction

    if not connections[site.database].features.has_select_for_update_nowait:
        return  # SQLite

    def is_locked():
        found = []

        def other():
            try:
                with transaction.atomic(using=site.database):
                    site.rows.select_for_update(nowait=True).get(session_key=key)
                found.append(False)
            except DatabaseError:
                found.append(True)
            finally:
                connections.close_all()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        return found[0]

    def view(request):
        assert not is_locked()
        with site.lock(request) as session:
            assert is_locked()
            session["n"] = 2
        assert not is_locked()

    site.visit(view, key)


def main():
    """{"databases", "router" or "", "engine", "snippet"}"""
    site = json.load(sys.stdin)
    configure(site)
    one = Site(site)
    one.create_tables(site["databases"])
    for function in CHECKS:
        key = one.create(account="7", n=1)
        if site["router"] == "Replicated":
            one.copy_to_replica(key)
        try:
            function(one, key)
        except Exception:
            print(function.__name__, file=sys.stderr)
            raise
    print("ok", len(CHECKS))


main()
