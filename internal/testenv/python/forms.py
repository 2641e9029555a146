"""The calls about forms and their CSRF tokens."""

import io
import sys

from django.contrib.auth import get_user_model, login
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpResponse, HttpResponseForbidden
from django.middleware.csrf import CSRF_SESSION_KEY, rotate_token
from django.template.backends.django import DjangoTemplates
from django.test import override_settings
from django.urls import re_path
from django.utils.crypto import get_random_string

from methods import method

# This module is the site's URL configuration.
_SITE = {
    "ROOT_URLCONF": __name__,
    "MIDDLEWARE": ["django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.csrf.CsrfViewMiddleware"],
    "CSRF_FAILURE_VIEW": __name__ + ".refuse",
}
_FORM = DjangoTemplates({"NAME": "forms", "DIRS": [], "APP_DIRS": False, "OPTIONS": {}}).from_string("{% csrf_token %}")


@method
def answer_forms(args):
    """{"settings", "requests"}: sends requests through the session and the CSRF middleware of
    a site with these settings. A request is {"method", "secure", "port", "path", "query",
    "headers": [[name, value]], "body": hex}; an answer {"status", "reason" (of a refusal),
    "headers" with one Set-Cookie for each cookie, "body"}."""
    with override_settings(**dict(_SITE, **args["settings"])):
        handler = WSGIHandler()
        return [_answer(handler, asked) for asked in args["requests"]]


@method
def hold_secrets(args):
    """{"secrets"}: makes a session for each, which holds it; gives their keys."""
    made = []
    for secret in args["secrets"]:
        session = SessionStore()
        session._session_key = get_random_string(32, VALID_KEY_CHARS)
        session[CSRF_SESSION_KEY] = secret
        made.append(session.create_model_instance(session._session))
    Session.objects.bulk_create(made)
    return [one.session_key for one in made]


def _answer(handler, asked):
    response = handler.get_response(WSGIRequest(_environ(asked)))
    headers = [[name, value] for name, value in response.items()]
    headers += [["Set-Cookie", cookie.OutputString()] for cookie in response.cookies.values()]
    return {"status": response.status_code, "reason": getattr(response, "reason_of_refusal", ""),
            "headers": headers, "body": response.content.decode()}


def _environ(asked):
    body = bytes.fromhex(asked["body"])
    environ = {
        "REQUEST_METHOD": asked["method"], "SCRIPT_NAME": "", "PATH_INFO": asked["path"], "QUERY_STRING": asked["query"],
        "SERVER_NAME": "server", "SERVER_PORT": asked["port"], "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body)), "wsgi.url_scheme": "https" if asked["secure"] else "http",
        "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr,
    }
    for name, value in asked["headers"]:
        name = name.upper().replace("-", "_")
        if name != "CONTENT_TYPE":
            name = "HTTP_" + name
        value = value.encode().decode("latin-1")  # as WSGI has it
        environ[name] = environ[name] + "," + value if name in environ else value
    return environ


def refuse(request, reason=""):
    response = HttpResponseForbidden()
    response.reason_of_refusal = reason
    return response


# Django's own runs the CSRF middleware again, and into the same exception.
def handler500(request):
    return HttpResponse("raised", status=500)


def _plain(request):
    return "plain"


def _form(request):
    """Gives the field that a template renders."""
    return _FORM.render({}, request)


def _echo(request):
    """Gives what was posted with the token."""
    return request.POST.get("note", "")


def _raw(request):
    return request.body.decode()


def _rotate(request):
    rotate_token(request)
    return "rotated"


def _log_in(request):
    user = get_user_model().objects.get(username=request.GET["user"])
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return "logged in"


def _viewed(function):
    return lambda request: HttpResponse(function(request))


urlpatterns = [re_path("^%s$" % name, _viewed(function)) for name, function in [
    ("plain", _plain), ("form", _form), ("echo", _echo), ("raw", _raw), ("rotate", _rotate), ("login", _log_in)]]
