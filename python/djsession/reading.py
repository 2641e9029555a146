"""Telling a session that cannot be read from one that is empty: Django's decode() returns {} for both."""


class Witness:
    """A serializer, and its own class, that notes whether it has read anything."""

    def __init__(self, serializer):
        self.serializer, self.read = serializer, False

    def __call__(self):
        return self

    def dumps(self, obj):
        return self.serializer().dumps(obj)

    def loads(self, data):
        value = self.serializer().loads(data)
        self.read = True
        return value


def read(session, text):
    """Return session.decode(text), or None if text cannot be read: with another key or serializer it might be."""
    data, was_read = decode(session, text)
    if data or was_read:
        return data
    # A subclass may decode without SESSION_SERIALIZER. Then nobody knows.
    return None if decode(session, session.encode({}))[1] else data


def decode(session, text):
    witness = session.serializer = Witness(session.serializer)
    try:
        return session.decode(text), witness.read
    finally:
        session.serializer = witness.serializer
