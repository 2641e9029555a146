"""What a request changed in a session: how it is found, and put on top of what another one stored."""
import collections
import pickle

from django.core.signing import JSONSerializer

Changes = collections.namedtuple("Changes", "set deleted")
Changes.__doc__ = "The keys with new values, a dict in the session's order, and a list of the keys that are gone."


def changes(base, current, serializer, noted=()):
    """Return the Changes that make current of base. The keys that are noted count as changed whatever their values are.

    A value that was changed in place, such as an entry of a dict, is found as well: values are compared as serializer, an
    instance of SESSION_SERIALIZER, writes them, in which 1, 1.0 and True differ and a tuple is a list. Raises what the
    serializer does for a value that it cannot write.
    """
    base, current, noted = (plain(data, serializer) for data in (base, current, dict.fromkeys(noted)))
    changed = {key: value for key, value in current.items()
               if key in noted or key not in base or not same(base[key], value, serializer)}
    return Changes(changed, [key for key in {**base, **noted} if key not in current])


def plain(data, serializer):
    """Return data with keys as they are loaded: JSON has only strings, so that 1 becomes "1"."""
    if isinstance(serializer, JSONSerializer) and not all(isinstance(key, str) for key in data):
        return serializer.loads(serializer.dumps(data))
    return data


def merge(fresh, changes):
    """Return a new dict: fresh with the changes. Other keys keep their values, and all of them their order."""
    merged = {key: value for key, value in fresh.items() if key not in changes.deleted}
    merged.update(changes.set)
    return merged


def same(a, b, serializer):
    """Whether serializer writes both alike, so that storing one for the other changes nothing."""
    if type(a) is type(b) and type(a) in (str, int, bool):
        return a == b
    if serializer.dumps({"": a}) == serializer.dumps({"": b}):
        return True
    # JSON has one text for a value. A pickle depends on which of its objects are one and the same, and on the order of sets.
    try:
        return not isinstance(serializer, JSONSerializer) and _alike(a, b)
    except RecursionError:
        return False  # it contains itself


def _alike(a, b):
    """Whether the two have the same structure, types and values."""
    if type(a) is not type(b):
        return False
    if type(a) in (list, tuple):
        return len(a) == len(b) and all(map(_alike, a, b))
    if type(a) is dict:
        return len(a) == len(b) and all(map(_alike, a, b)) and all(map(_alike, a.values(), b.values()))
    if type(a) in (set, frozenset):
        return sorted(map(pickle.dumps, a)) == sorted(map(pickle.dumps, b))
    # Not ==, by which two instances of a model are equal if they have one primary key.
    return pickle.dumps(a) == pickle.dumps(b)
