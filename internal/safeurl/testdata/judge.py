"""Says what this Python's Django makes of URLs: a JSON object on stdin, one on stdout.

generate.py runs it under each Django.
"""

import io
import json
import platform
import sys
import types
from unittest import mock
from urllib.parse import unquote_to_bytes

import django
from django.conf import settings

sys.modules["urls"] = types.ModuleType("urls")
sys.modules["urls"].urlpatterns = []
settings.configure(
    SECRET_KEY="secret",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="urls",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
    LOGGING_CONFIG=None,
)
django.setup()

from django.contrib.auth import views  # noqa: E402
from django.contrib.auth.decorators import login_required  # noqa: E402
from django.core.exceptions import DisallowedRedirect  # noqa: E402
from django.core.handlers.wsgi import WSGIRequest  # noqa: E402
from django.urls import NoReverseMatch  # noqa: E402
from django.utils import http  # noqa: E402

if django.VERSION < (3, 0):
    url_has_allowed_host_and_scheme = http.is_safe_url
else:
    url_has_allowed_host_and_scheme = http.url_has_allowed_host_and_scheme


class Anonymous:
    is_authenticated = False


def allowed(url, hosts):
    """Two hexadecimal digits: a bit for each set of hosts, first without, then with require_https."""
    answers = [url_has_allowed_host_and_scheme(url, set(each), require_https) for each in hosts for require_https in (False, True)]
    return "%02x" % sum(answer << place for place, answer in enumerate(answers))


def to_login(login_url, next):
    try:
        return views.redirect_to_login(next, login_url)["Location"]
    except (DisallowedRedirect, NoReverseMatch) as error:
        return "!" + type(error).__name__


def next(login_url, scheme, host, target):
    """What login_required hands on."""
    path, _, query = target.partition("?")
    request = WSGIRequest({
        "REQUEST_METHOD": "GET", "wsgi.url_scheme": scheme, "HTTP_HOST": host, "wsgi.input": io.BytesIO(),
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"), "QUERY_STRING": query,
    })
    request.user = Anonymous()
    handed = []
    with mock.patch.object(views, "redirect_to_login", lambda next, *arguments: handed.append(next)):
        try:
            login_required(lambda request: None, login_url=login_url)(request)
        except NoReverseMatch as error:
            return "!" + type(error).__name__
    return handed[0]


def main():
    asked = json.load(sys.stdin)
    json.dump({
        "django": django.get_version(),
        "python": platform.python_version(),
        "allowed": [allowed(url, asked["hosts"]) for url, in asked["allowed"]],
        "to_login": [to_login(*case) for case in asked["to_login"]],
        "next": [next(*case) for case in asked["next"]],
    }, sys.stdout)


main()
