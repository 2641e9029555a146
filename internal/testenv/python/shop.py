"""What a site of its own may put into a session where pickles are kept."""

import collections
import enum

Size = collections.namedtuple("Size", "width height")


class Color(enum.Enum):
    RED = 1
    BLUE = "blue"


class Item:
    def __init__(self, sku, tags):
        self.sku = sku
        self.tags = tags


class Slotted:
    __slots__ = ("left", "right")

    def __init__(self, left, right):
        self.left = left
        self.right = right


class Basket(dict):
    """A dict with an attribute."""

    owner = None
