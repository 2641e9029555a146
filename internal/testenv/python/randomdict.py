"""Random session dicts: whatever JSON can hold, the awkward kinds more often than not."""

import json
import random
import struct

_FLOATS = [float("nan"), float("inf"), float("-inf"), 0.0, -0.0, 1.0, 1e16, 1e15, 123456789012345680.0,
           5e-324, 1.7976931348623157e308, 2.2250738585072014e-308, 1e-4, 1e-5, 0.1, 1e22, 1e21, 9007199254740993.0]
_INTS = [0, 1, -1, 2**31 - 1, 2**31, 2**53, 2**53 + 1, 2**63 - 1, 2**63, -2**63, -2**63 - 1, 2**64, 10**18, 10**30, 2**200]
_STRINGS = ["", " ", "0", "null", "</script>", "\"\\/", "\x00", "\x1f\x7f\x80", "\u2028\u2029", "\ufeff", "\uffff",
            "na\u00efve", "\u65e5\u672c\u8a9e", "e\u0301", "\U0001f600\U0010ffff", "\ud800", "\udfff", "\udc00\ud800",
            "a\ud83dz", "&amp;<>'", "1.0", "\r\n\t\b\f"]
_ALPHABETS = ["abcdefghijklmnopqrstuvwxyz0123456789_", "".join(map(chr, range(128))),
              "".join(map(chr, range(0xA0, 0x250))), "\u4e00\u4e8c\u4e09\u0434\u0430\u05d0\u0623",
              "\U0001f600\U0001f601\U00020000\ud800\udbff\udc00\udfff"]


class _Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def text(self, longest=12):
        if self.random.random() < 0.3:
            return self.random.choice(_STRINGS)
        alphabet = self.random.choice(_ALPHABETS)
        return "".join(self.random.choice(alphabet) for _ in range(self.random.randrange(longest)))

    def long_text(self):
        if self.random.random() < 0.5:
            return (self.text() or "x") * self.random.randrange(200, 600)  # shrinks a lot
        return "%x" % self.random.getrandbits(8000)  # shrinks by half

    def integer(self):
        if self.random.random() < 0.5:
            return self.random.choice(_INTS)
        return self.random.choice([1, -1]) * self.random.getrandbits(self.random.choice([4, 16, 53, 64, 200]))

    def floating(self):
        if self.random.random() < 0.5:
            return self.random.choice(_FLOATS)
        if self.random.random() < 0.5:
            return self.random.randrange(-10**6, 10**6) / self.random.choice([1, 2, 10, 100, 1000])
        return struct.unpack(">d", struct.pack(">Q", self.random.getrandbits(64)))[0]

    def value(self, depth):
        kind = self.random.randrange(10 if depth else 8)
        if kind == 0:
            return None
        if kind == 1:
            return self.random.random() < 0.5
        if kind in (2, 3):
            return self.integer()
        if kind in (4, 5):
            return self.floating()
        if kind in (6, 7):
            return self.text()
        if kind == 8:
            return [self.value(depth - 1) for _ in range(self.random.randrange(5))]
        return self.dict(depth - 1, self.random.randrange(5))

    def dict(self, depth, size):
        return {self.text(): self.value(depth) for _ in range(size)}

    def cart(self):
        return [{"sku": "SKU-%05d" % self.random.randrange(10**5), "name": self.text(20),
                 "price": self.random.randrange(1, 10**5) / 100, "quantity": self.random.randrange(1, 10)}
                for _ in range(self.random.randrange(20))]

    def session(self):
        values = {}
        if self.random.random() < 0.3:
            values["_auth_user_id"] = str(self.random.randrange(1, 10**6))
            values["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
            values["_auth_user_hash"] = "%064x" % self.random.getrandbits(256)
        values.update(self.dict(3, self.random.randrange(10)))
        if self.random.random() < 0.3:
            values["cart"] = self.cart()
        if self.random.random() < 0.15:
            values[self.text()] = self.long_text()
        return self.finished(values)

    def finished(self, values):
        # Two lone surrogates side by side are one character after a trip through JSON.
        return json.loads(json.dumps(values))


def dicts(seed, count):
    """The same seed gives the same dicts, on every Python."""
    generator = _Generator(seed)
    return [generator.session() for _ in range(count)]
