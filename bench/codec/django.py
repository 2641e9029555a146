"""Encodes and decodes sessions with Django, and says how long that took.

Reads calls, one JSON document a line, and answers each with one.
"""

import json
import random
import sys
import time

from django.conf import settings

settings.configure(SECRET_KEY=sys.argv[1], USE_TZ=True, INSTALLED_APPS=["django.contrib.sessions"])

import django

django.setup()

from django.contrib.sessions.backends.db import SessionStore


def login(rng):
    return {
        "_auth_user_id": str(rng.randrange(1, 100000)),
        "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
        "_auth_user_hash": "%064x" % rng.getrandbits(256),
    }


def lines(rng, count):
    return [
        {"sku": "SKU-%05d" % rng.randrange(100000), "quantity": rng.randrange(1, 10), "price": "%d.99" % rng.randrange(200)}
        for _ in range(count)
    ]


WORDS = "order shipped return to your cart the size blue red Müller café 東京 checkout newsletter later settings".split()


def text(rng, longest):
    return " ".join(rng.choice(WORDS) for _ in range(rng.randrange(1, longest)))


def visitor(rng):
    """What sites keep in sessions: logins, carts, messages, forms over several pages."""
    session = login(rng) if rng.random() < 0.7 else {}
    if rng.random() < 0.5:
        session["cart"] = lines(rng, rng.choice((1, 2, 5, 20, 100)))
    if rng.random() < 0.3:
        session["_csrftoken"] = "".join(rng.choice("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") for _ in range(32))
    if rng.random() < 0.3:
        session["_language"] = rng.choice(("en", "de", "pt-br"))
    if rng.random() < 0.3:
        session["recent"] = [rng.randrange(10**6) for _ in range(rng.randrange(1, 30))]
    if rng.random() < 0.3:
        session["wizard"] = {"step": rng.randrange(4), "data": {"field-%d" % i: text(rng, 12) for i in range(rng.randrange(1, 15))}}
    if rng.random() < 0.2:
        session["search"] = text(rng, 8)
    session["last_seen"] = rng.random() * 1e9
    return session


def written(session):
    return {"text": SessionStore().encode(session), "json": json.dumps(session, separators=(",", ":"))}


def samples():
    """A login, a cart of 20 lines and one of 2,000."""
    rng = random.Random(5)
    return [written(login(rng)), written(login(rng) | {"cart": lines(rng, 20)}), written(login(rng) | {"cart": lines(rng, 2000)})]


def visitors(count):
    rng = random.Random(6)
    return [written(visitor(rng)) for _ in range(count)]


def payload(text):
    return json.dumps(SessionStore().decode(text), separators=(",", ":"))


def decode(text, times):
    start = time.process_time()
    for _ in range(times):
        SessionStore().decode(text)["_auth_user_id"]
    return time.process_time() - start


def encode(document, times):
    session = json.loads(document)
    start = time.process_time()
    for i in range(times):
        session["seen"] = i & 1
        SessionStore().encode(session)
    return time.process_time() - start


for line in sys.stdin:
    name, *arguments = json.loads(line)
    print(json.dumps(globals()[name](*arguments)), flush=True)
