"""One HTTP request through Django's session middleware."""

import sys
import types

from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.exception import convert_exception_to_response
from django.core.signals import got_request_exception
from django.http import HttpResponse
from django.test import RequestFactory, override_settings

import judge
import program

# Django's answers to errors look their handlers up in the URL configuration.
URLCONF = "testenv_urls"
sys.modules[URLCONF] = types.ModuleType(URLCONF)
sys.modules[URLCONF].urlpatterns = []


def run(arguments):
    """Sends a request whose view runs a program of session operations.

    Arguments, all optional: method, path, secure, cookie (the header's text), headers,
    program, status (of the view's response), settings (to override). Gives the response's
    status, its headers in order with one Set-Cookie for each cookie, the operations'
    results, and the class of the exception that became a 400 or 500, if any.
    """
    results, raised = [], []

    def view(request):
        results.extend(program.run(request.session, arguments.get("program") or []))
        return HttpResponse("body", status=arguments.get("status") or 200)

    def note(**kwargs):
        raised.append(judge.name_of(sys.exc_info()[1]))

    extra = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in (arguments.get("headers") or {}).items()}
    if arguments.get("cookie") is not None:
        extra["HTTP_COOKIE"] = arguments["cookie"]
    got_request_exception.connect(note)
    try:
        with override_settings(**(arguments.get("settings") or {})):
            middleware = SessionMiddleware(convert_exception_to_response(view))
            handler = convert_exception_to_response(_noting(middleware, raised))
            request = RequestFactory().generic(
                arguments.get("method") or "GET", arguments.get("path") or "/",
                secure=bool(arguments.get("secure")), **extra)
            response = handler(request)
    finally:
        got_request_exception.disconnect(note)
    headers = [[name, value] for name, value in response.items()]
    headers += [["Set-Cookie", cookie.OutputString()] for cookie in response.cookies.values()]
    return {"status": response.status_code, "headers": headers, "results": results,
            "exception": raised[0] if raised else None}


def _noting(get_response, raised):
    # An exception that Django answers with a 400 sends no signal.
    def handler(request):
        try:
            return get_response(request)
        except Exception as exception:
            raised.append(judge.name_of(exception))
            raise
    return handler
