"""SessionMiddleware with Go doing the work."""
import base64
import types

from django.conf import settings
from django.contrib.sessions import middleware
from django.contrib.sessions.backends import base
from django.http import HttpResponse

from gobridge.wire import BRIDGE, GoError

Django = middleware.SessionMiddleware


class SessionMiddleware(Django):
    def __call__(self, request):
        self.process_request(request)
        session, raised = request.session, []

        def view(request):
            session._request = request
            try:
                made.append(self.get_response(django))
            except BaseException as e:
                raised.append(e)
                return {"raised": True}
            finally:
                session._request = None
            if django.session is not session:
                return {"raised": True}  # the response is made for the other session
            return self.as_args(made[0])

        django, made = request, []
        answer = self.ask("request", request, session, {"view": view})
        if raised:
            raise raised[0]
        if request.session is not session:
            return self.process_response(request, made[0])
        if session._handle:
            session.take(session.call("session.state"))
        return self.apply(answer, made[0])

    def process_response(self, request, response):
        session = request.session
        session.go()
        answer = self.ask("respond", request, session, {}, handle=session._handle, **self.as_args(response))
        session.take(session.call("session.state"))
        return self.apply(answer, response)

    def ask(self, op, request, session, answers, **more):
        cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        args = {"method": request.method, "url": request.get_full_path(), "has_cookie": cookie is not None,
                "cookie": cookie or "", **more}
        return BRIDGE.call(op, args, session.site(), None, {"extra_columns": session.extra_columns, **answers})

    def as_args(self, response):
        headers = {}
        for name, value in response.headers.items():
            headers.setdefault(name, []).append(value)
        for c in response.cookies.values():
            headers.setdefault("Set-Cookie", []).append(c.OutputString())
        return {"status": response.status_code, "headers": headers, "body": base64.b64encode(response.content).decode()}

    def apply(self, answer, response):
        if answer["failed"] == "interrupted":
            self.raise_as_django(400, answer)
        if answer["failed"] or answer["status"] != response.status_code:
            raise GoError(answer["failed"] or "status", "the middleware apply %d" % answer["status"])
        for line in answer["headers"].pop("Set-Cookie", []):
            response.cookies.load(line)
            name = line.partition("=")[0]
            if response.cookies[name].OutputString() != line:
                BRIDGE.disagree("Go: %s; Django: %s" % (line, response.cookies[name].OutputString()))
        for name, values in answer["headers"].items():
            response.headers[name] = ", ".join(values)
        return response

    def raise_as_django(self, status, answer):
        """Raises the exception of Django's middleware when the session was deleted meanwhile."""
        if answer["status"] != status:
            raise GoError(answer["failed"], "the middleware apply %d" % answer["status"])

        def save():
            raise base.UpdateError
        gone = types.SimpleNamespace(accessed=True, modified=True, is_empty=lambda: False, save=save,
                                     get_expire_at_browser_close=lambda: True)
        Django.process_response(self, types.SimpleNamespace(session=gone, COOKIES={}), HttpResponse())


def install():
    middleware.SessionMiddleware = SessionMiddleware
