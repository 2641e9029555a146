"""Sessions that move to another key, or end, while Go uses them. Each call takes "settings", with the
SESSION_ENGINE to use."""

import os
import random
import time
from importlib import import_module

from django.conf import settings

import judge
import program
from logins import method

_held = {}


def _store(key):
    return import_module(settings.SESSION_ENGINE).SessionStore(key)


@method
def hold(args):
    """{"session_key"}: loads a session, as a request does that takes long. Gives what go_on takes."""
    session = _store(args["session_key"])
    session.get("a")
    _held[len(_held)] = session
    return len(_held) - 1


@method
def go_on(args):
    """{"held", "program"}: runs a program of session operations on the session, and saves it as a view's
    end would. Gives {"session_key", "raised": the class of the first exception, or ""}; what follows an
    exception is left out."""
    session = _held.pop(args["held"])
    raised = ""
    for step in args["program"]:
        raised = raised or program.run(session, [step])[0].get("error", "")
    try:
        if not raised and session.modified and not session.is_empty():
            session.save()
    except Exception as exception:
        raised = judge.name_of(exception)
    return {"session_key": session.session_key or "", "raised": raised}


@method
def wander(args):
    """{"key_file": path, "times", "interruptions": exceptions that say that nothing was saved}: sets a
    number under a name of its own in the session whose key is in the file, until that was saved so many
    times, and sometimes moves it to another key, which is in the file then. Gives the names of what was
    saved, and how often nothing was: {"saved": [name], "interrupted": count}."""
    pick = random.Random(1)
    saved, number, interrupted = [], 0, 0
    while len(saved) < args["times"]:
        number += 1
        with open(args["key_file"]) as file:
            key = file.read()
        session, name = _store(key), "Django %d" % number
        try:
            session.get("a")
            if session.session_key is None:  # it has moved since
                interrupted += 1
                time.sleep(0.001)
                continue
            if pick.random() < 0.3:
                session.cycle_key()
            session[name] = number
            session.save()
        except Exception as exception:
            if judge.name_of(exception) not in args["interruptions"]:
                raise
            interrupted += 1
            continue
        saved.append(name)
        if session.session_key != key:
            with open(args["key_file"] + ".next", "w") as file:
                file.write(session.session_key)
            os.rename(args["key_file"] + ".next", args["key_file"])
    return {"saved": saved, "interrupted": interrupted}


@method
def save_until_gone(args):
    """{"session_key", "interruptions"}: sets a number in the session and saves it, again and again, until that raises or
    the session is not there."""
    saved = 0
    while True:
        session = _store(args["session_key"])
        session.get("a")
        if session.session_key is None:
            return
        session["n"] = saved
        try:
            session.save()
        except Exception as exception:
            if judge.name_of(exception) not in args["interruptions"]:
                raise
            return
        saved += 1
