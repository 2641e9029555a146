"""The Django site: four views, and nothing around them but sessions and logins."""

import json
import os

import django
from django.conf import settings

with open(os.environ["BENCH_SITE"], encoding="utf-8") as file:
    settings.configure(**json.load(file)["django"])
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402 (needs the settings)
from django.http import HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402


def answer(text):
    body = str(text).encode()
    return HttpResponse(body, content_type="text/plain; charset=utf-8", headers={"Content-Length": str(len(body))})


def read(request):
    return answer(request.session.get("visits", 0))


def change(request):
    visits = request.session.get("visits", 0) + 1
    request.session["visits"] = visits
    return answer(visits)


def user(request):
    return answer(request.user.username)


urlpatterns = [path("read", read), path("change", change), path("user", user)]
application = get_wsgi_application()
