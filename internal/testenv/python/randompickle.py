"""Random session dicts with what only pickles can hold, and what two of them differ in."""

import collections
import datetime
import decimal
import uuid
from fractions import Fraction

from django.utils.functional import SimpleLazyObject  # noqa: F401 (proves that it can be imported)
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

import randomdict
import shop

try:
    from zoneinfo import ZoneInfo
    _ZONES = [ZoneInfo("Europe/Berlin"), ZoneInfo("UTC"), ZoneInfo("Asia/Kolkata")]
except ImportError:
    import pytz
    _ZONES = [pytz.utc]

_ZONES += [datetime.timezone.utc, datetime.timezone(datetime.timedelta(hours=-3, minutes=-30)),
           datetime.timezone(datetime.timedelta(hours=1), "a name")]


class _Generator(randomdict._Generator):
    def moment(self, zone=None):
        return datetime.datetime(self.random.randrange(1, 9999), self.random.randrange(1, 13), self.random.randrange(1, 29),
                                 self.random.randrange(24), self.random.randrange(60), self.random.randrange(60),
                                 self.random.choice([0, 1, 123456, 999999]), tzinfo=zone, fold=self.random.randrange(2))

    def hashable(self):
        return self.random.choice([
            self.integer, self.text, lambda: self.random.random() < 0.5, lambda: None,
            lambda: (self.integer(), self.text()), lambda: uuid.UUID(int=self.random.getrandbits(128)),
            lambda: self.moment().date(), lambda: b"\x00\xff" * self.random.randrange(3), lambda: frozenset([self.integer()]),
        ])()

    def shared(self):
        part = [self.text()]
        return [part, {"again": part}, (part,)]

    def cyclic(self):
        loop = [self.integer()]
        loop.append(loop)
        knot = {"loop": loop}
        knot["self"] = knot
        return knot

    def default(self):
        found = collections.defaultdict(self.random.choice([list, int, dict, set]))
        found[self.text()] = self.exotic(1)
        return found

    def basket(self):
        basket = shop.Basket(a=self.exotic(1))
        basket.owner = self.text()
        return basket

    def exotic(self, depth=2):
        choices = [
            lambda: bytes(bytearray(self.random.getrandbits(8) for _ in range(self.random.choice([0, 1, 5, 300])))),
            lambda: self.moment(), lambda: self.moment(self.random.choice(_ZONES)), lambda: self.moment().date(),
            lambda: self.moment().time(), lambda: self.moment().time().replace(tzinfo=_ZONES[-1]),
            lambda: datetime.timedelta(self.random.randrange(-5, 5), self.random.randrange(86400), self.random.randrange(10**6)),
            lambda: decimal.Decimal(self.random.choice(["1.10", "-0", "NaN", "Infinity", "1E+30", "%d.5" % self.integer()])),
            lambda: uuid.UUID(int=self.random.getrandbits(128)),
            lambda: {self.hashable() for _ in range(self.random.randrange(4))},
            lambda: frozenset(self.hashable() for _ in range(self.random.randrange(4))),
            lambda: mark_safe("<b>%s</b>" % self.text()),
            lambda: {self.hashable(): self.value(1) for _ in range(self.random.randrange(4))},
            lambda: shop.Item(self.text(), [self.value(1)]), lambda: shop.Slotted(self.integer(), self.text()),
            lambda: shop.Size(self.integer(), self.text()), lambda: self.random.choice(list(shop.Color)),
            lambda: complex(1, self.random.randrange(5)), lambda: range(self.random.randrange(9)), lambda: bytearray(b"ab"),
            lambda: Fraction(self.random.randrange(9), 7), lambda: gettext_lazy("Yes"), self.shared, self.cyclic,
        ]
        if depth:
            choices += [
                lambda: tuple(self.exotic(depth - 1) for _ in range(self.random.randrange(5))),
                lambda: [self.exotic(depth - 1) for _ in range(self.random.randrange(4))],
                lambda: {self.text(): self.exotic(depth - 1) for _ in range(self.random.randrange(4))},
                lambda: collections.OrderedDict((self.text(), self.exotic(depth - 1)) for _ in range(self.random.randrange(4))),
                self.default, self.basket,
            ]
        return self.random.choice(choices)()

    def session(self):
        values = super().session()
        for _ in range(self.random.randrange(1, 8)):
            values[self.text() or "exotic"] = self.exotic()
        return values


class _MsgpackGenerator(randomdict._Generator):
    """What msgpack can hold: integers of 64 bits, bytes, and no lone surrogates."""

    def integer(self):
        number = super().integer()
        return number if -2**63 <= number < 2**64 else number % 2**63

    def text(self, longest=12):
        return super().text(longest).encode("utf-8", "replace").decode()

    def value(self, depth):
        if self.random.random() < 0.1:
            return b"\x00\xff" * self.random.randrange(3)
        return super().value(depth)

    def finished(self, values):
        return values


_GENERATORS = {"json": randomdict._Generator, "pickle": _Generator, "msgpack": _MsgpackGenerator}


def dicts(kind, seed, count):
    """The same seed gives the same dicts. The kind is json, pickle or msgpack."""
    generator = _GENERATORS[kind](seed)
    return [generator.session() for _ in range(count)]


class Different(Exception):
    pass


def compare(want, got, path="", seen=None):
    """Raises Different if two values differ in type, value, order, or in which of their parts
    are the same object."""
    seen = {} if seen is None else seen
    if type(want) is not type(got):
        raise Different("%s is a %s, not a %s" % (path, type(got).__name__, type(want).__name__))
    mutable = isinstance(want, (list, dict, set, bytearray)) or hasattr(want, "__dict__") and not isinstance(want, (str, type(gettext_lazy("")), shop.Color))
    if mutable or isinstance(want, shop.Slotted):
        if ("want", id(want)) in seen or ("got", id(got)) in seen:
            if seen.get(("want", id(want))) != id(got) or seen.get(("got", id(got))) != id(want):
                raise Different("%s is another object" % path)
            return
        seen["want", id(want)], seen["got", id(got)] = id(got), id(want)
    if isinstance(want, (list, tuple)):
        if len(want) != len(got):
            raise Different("%s has %d items, not %d" % (path, len(got), len(want)))
        for i, (one, other) in enumerate(zip(want, got)):
            compare(one, other, "%s[%d]" % (path, i), seen)
    elif isinstance(want, dict):
        if len(want) != len(got):
            raise Different("%s has %d keys, not %d" % (path, len(got), len(want)))
        for (key, one), (other_key, other) in zip(want.items(), got.items()):
            compare(key, other_key, "a key of %s" % path, seen)
            compare(one, other, "%s[%r]" % (path, key), seen)
        if isinstance(want, collections.defaultdict) and want.default_factory is not got.default_factory:
            raise Different("%s has another default" % path)
    elif isinstance(want, (set, frozenset)):
        if want != got or sorted(map(_described, want)) != sorted(map(_described, got)):
            raise Different("%s has other members" % path)
    elif isinstance(want, shop.Slotted):
        compare((want.left, want.right), (got.left, got.right), path, seen)
    elif isinstance(want, (datetime.datetime, datetime.time)):
        if repr(want) != repr(got) or want.fold != got.fold:
            raise Different("%s is %r, not %r" % (path, got, want))
    elif not hasattr(want, "__dict__") or isinstance(want, str):
        if repr(want) != repr(got):
            raise Different("%s differs" % path)
    if mutable and hasattr(want, "__dict__"):
        compare(vars(want), vars(got), path + ".__dict__", seen)


def _described(member):
    return "%s %r" % (type(member).__name__, sorted(map(repr, member)) if isinstance(member, frozenset) else member)


def difference(want, got):
    """What two session dicts differ in, or None. Objects need only be the same within one
    value of the session."""
    if list(want) != list(got):
        return "the session has other keys, or in another order"
    for name in want:
        try:
            compare(want[name], got[name], "a value")
        except Different as different:
            return str(different)
    return None
