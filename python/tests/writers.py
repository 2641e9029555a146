"""Writers of one session in one process: python -m tests.writers ALIAS KEY NAME COUNT ROUNDS

COUNT threads each set a key of their own, NAME and a number, and then ROUNDS times add 1 to "n" and to the entry of "cart"
with their name. It says "ready", and starts when it reads a line.
"""

import sys

from django.test import override_settings
from tests.cachekit import at_once

from djsession.cache import SessionStore


def main(alias, key, name, count, rounds):
    def add(session):
        session["n"] += 1
        session["cart"][name] = session["cart"].get(name, 0) + 1
        session.modified = True

    def work(i):
        session = SessionStore(key)
        session["%s%d" % (name, i)] = i
        session.save()
        for _ in range(int(rounds)):
            SessionStore(key).update_atomically(add)

    print("ready", flush=True)
    sys.stdin.readline()
    with override_settings(SESSION_CACHE_ALIAS=alias):
        errors = at_once(int(count), work)
    for error in errors:
        print(repr(error), file=sys.stderr)
    sys.exit(bool(errors))


if __name__ == "__main__":
    main(*sys.argv[1:])
