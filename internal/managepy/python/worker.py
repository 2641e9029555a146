"""Answers calls from Go, inside a Django project.

A call is a line of JSON on stdin, {"id": 1, "method": "session_load", "args": {...}}. Its
answer is a line that begins with the mark: {"id": 1, "result": ...} or
{"id": 1, "error": {"type": ..., "message": ..., "traceback": ...}}.

Another file adds its methods by `from djsession_worker import method` and `@method`. They
take the arguments by name and return what JSON can hold. Runs on Python 3.6 and later.
"""

import json
import os
import sys
import traceback

METHODS = {}


def method(function):
    """Makes a function callable from Go, by its name."""
    METHODS[function.__name__] = function
    return function


@method
def info():
    import django
    from django.conf import settings

    return {"django": django.get_version(), "python": "%d.%d.%d" % sys.version_info[:3],
            "executable": sys.executable, "settings_module": getattr(settings, "SETTINGS_MODULE", None)}


def serve(mark):
    # What the project reads from stdin or prints must not get between calls and answers.
    sys.stdout.flush()
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    mark = mark.encode("ascii")

    def send(answer):
        # On a line of its own, whatever was printed before.
        answers.write(b"\n" + mark + json.dumps(answer).encode("ascii") + b"\n")
        answers.flush()

    send({"id": 0, "result": info()})
    for line in requests:
        call = json.loads(line.decode("utf-8"))
        try:
            send({"id": call["id"], "result": answer_to(call["method"], call.get("args") or {})})
        except Exception as exception:
            send({"id": call["id"], "error": described(exception)})


def answer_to(name, args):
    from django.db import close_old_connections

    if name not in METHODS:
        raise LookupError("there is no method %s" % name)
    close_old_connections()  # those that failed, or are older than CONN_MAX_AGE
    result = METHODS[name](**args)
    json.dumps(result)  # fails here, not while sending
    return result


def described(exception):
    kind = type(exception)
    name = kind.__qualname__ if kind.__module__ == "builtins" else kind.__module__ + "." + kind.__qualname__
    return {"type": name, "message": str(exception), "traceback": traceback.format_exc()}
