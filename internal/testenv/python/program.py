"""Small programs of session operations, as a view might run them."""

import judge
from typed import typed, untyped


def _pop(session, name, *default):
    return session.pop(name, *[untyped(value) for value in default])


def _get(session, name, *default):
    return session.get(name, *[untyped(value) for value in default])


def _delete(session, name):
    del session[name]


def _set(session, name, value):
    session[name] = untyped(value)


def _mark_modified(session):
    session.modified = True


# An operation is a list of a name below and its arguments. Arguments that are values
# are typed; names of values are plain strings.
OPERATIONS = {
    "get": _get,
    "set": _set,
    "delete": _delete,
    "pop": _pop,
    "setdefault": lambda session, name, value: session.setdefault(name, untyped(value)),
    "update": lambda session, values: session.update(untyped(values)),
    "has": lambda session, name: name in session,
    "items": lambda session: dict(session.items()),
    "clear": lambda session: session.clear(),
    "flush": lambda session: session.flush(),
    "cycle_key": lambda session: session.cycle_key(),
    "save": lambda session: session.save(),
    "set_expiry": lambda session, value: session.set_expiry(untyped(value)),
    "mark_modified": _mark_modified,
    "set_test_cookie": lambda session: session.set_test_cookie(),
    "test_cookie_worked": lambda session: session.test_cookie_worked(),
    "delete_test_cookie": lambda session: session.delete_test_cookie(),
    "is_empty": lambda session: session.is_empty(),
    "session_key": lambda session: session.session_key,
    "accessed": lambda session: session.accessed,
    "modified": lambda session: session.modified,
}


def run(session, operations):
    """Runs operations on a session. One that raises does not stop the others. A result
    is {"value": typed} or {"error": the exception's class}."""
    results = []
    for name, *arguments in operations:
        if name == "expiry":
            results.append(judge.expiry(session))
            continue
        operation = OPERATIONS[name]
        try:
            results.append({"value": typed(operation(session, *arguments))})
        except Exception as exception:
            results.append({"error": judge.name_of(exception)})
    return results
