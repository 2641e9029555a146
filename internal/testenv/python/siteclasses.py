"""Classes such as a site puts into its sessions."""

import collections
import enum


class Plain:
    """An object with a __dict__."""

    def __init__(self, **attributes):
        self.__dict__.update(attributes)

    def __eq__(self, other):
        return type(other) is type(self) and other.__dict__ == self.__dict__


class Slots:
    __slots__ = ("left", "right")

    def __init__(self, left, right):
        self.left, self.right = left, right

    def __eq__(self, other):
        return type(other) is type(self) and (other.left, other.right) == (self.left, self.right)


class Stateful:
    """An object that says itself what its state is."""

    def __init__(self, number):
        self.number = number

    def __getstate__(self):
        return (self.number, "state")

    def __setstate__(self, state):
        self.number, self.text = state

    def __eq__(self, other):
        return type(other) is type(self) and other.number == self.number


class Reduced:
    """An object that is made by a call, and filled."""

    def __init__(self, number, items=()):
        self.number, self.items, self.members = number, list(items), {}

    def __reduce_ex__(self, protocol):
        return Reduced, (self.number,), {"extra": self.number}, iter(self.items), iter(self.members.items())

    def append(self, item):
        self.items.append(item)

    def extend(self, items):
        self.items.extend(items)

    def __setitem__(self, key, value):
        self.members[key] = value

    def __eq__(self, other):
        return type(other) is type(self) and (other.number, other.items, other.members) == (self.number, self.items, self.members)


class Keyword(str):
    """A str that is made with a keyword argument."""

    def __new__(cls, text, *, language="en"):
        self = super().__new__(cls, text)
        self.language = language
        return self

    def __getnewargs_ex__(self):
        return (str(self),), {"language": self.language}


class Items(list):
    pass


class Members(dict):
    pass


Point = collections.namedtuple("Point", "x y")


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3
