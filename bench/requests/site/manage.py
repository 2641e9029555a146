"""What Django does before and after the requests, by its first argument:

fill N: makes the tables, and N sessions in which a user each is logged in and has a small
cart; prints a list of {"key", "visits", "username"}.

check: reads a list of session keys; prints the number of visits that Django reads in each.
"""

import json
import sys

import benchsite  # noqa: F401 (configures Django)
from django.conf import settings
from django.contrib.auth import get_user_model, login, user_logged_in
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import transaction
from django.http import HttpRequest
from importlib import import_module

SessionStore = import_module(settings.SESSION_ENGINE).SessionStore
CART = [{"sku": "tea", "quantity": 2}, {"sku": "mug", "quantity": 1}, {"sku": "coffee", "quantity": 3}]


@transaction.atomic
def fill(count):
    user_logged_in.disconnect(dispatch_uid="update_last_login")
    password = make_password("correct horse")
    model = get_user_model()
    users = model.objects.bulk_create(model(username="user%d" % i, password=password) for i in range(count))
    made = []
    for i, user in enumerate(users):
        request = HttpRequest()
        request.session = SessionStore()
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        request.session["cart"] = CART
        request.session["visits"] = i
        request.session.save()
        made.append({"key": request.session.session_key, "visits": i, "username": user.username})
    return made


def check(keys):
    return [SessionStore(key)["visits"] for key in keys]


if sys.argv[1] == "fill":
    call_command("migrate", interactive=False, verbosity=0)
    result = fill(int(sys.argv[2]))
else:
    result = check(json.load(sys.stdin))
json.dump(result, sys.stdout)
