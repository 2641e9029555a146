"""Writes texts.json beside it: what Django stores for a login, and for one with a cart of 20 and of 2,000 lines.

Run it with the Python of a Django that tools/setup installed. What it writes depends on nothing but the versions of
Django and zlib.
"""

import json
import os
import random
import time

from django.conf import settings

KEY = "a-secret-key-of-a-usual-length-0123456789abcdefgh"
settings.configure(SECRET_KEY=KEY, USE_TZ=True)

from django.contrib.sessions.backends.db import SessionStore  # noqa: E402

HASH = "%064x" % random.Random(1).getrandbits(256)


def session(lines):
    data = {
        "_auth_user_id": "42",
        "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
        "_auth_user_hash": HASH,
    }
    if lines:
        data["cart"] = [
            {
                "sku": "SKU-%05d" % (i * 7919 % 100000),
                "name": "Product number %d" % i,
                "quantity": i % 9 + 1,
                "price": "%d.%02d" % (i * 31 % 200, i * 17 % 100),
            }
            for i in range(lines)
        ]
    return data


time.time = lambda: 1767323045
texts = [
    {"name": name, "text": SessionStore().encode(session(lines))}
    for name, lines in [("login", 0), ("cart of 20 lines", 20), ("cart of 2000 lines", 2000)]
]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "texts.json"), "w") as file:
    json.dump({"key": KEY, "texts": texts}, file, indent=1)
    file.write("\n")
