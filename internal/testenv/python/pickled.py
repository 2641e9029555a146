"""Random pickled sessions with all that Python can pickle, and a comparison that sees which objects are one."""

import base64
import collections
import datetime
import decimal
import enum
import fractions
import json
import pathlib
import pickle
import random
import types
import uuid

import siteclasses
from methods import method

try:
    import zoneinfo
except ImportError:
    zoneinfo = None
from django.utils import timezone
from django.utils.safestring import mark_safe

import randomdict

UTC = datetime.timezone.utc


class _Generator(randomdict._Generator):
    """Values that may share objects with each other and contain themselves."""

    def __init__(self, seed):
        super().__init__(seed)
        self.made = []

    def session(self):
        self.made = []
        values = dict(super().session())
        for n in range(self.random.randrange(1, 9)):
            key = json.loads(json.dumps("%d %s" % (n, self.text())))  # without two surrogates that make a pair
            values[key] = self.any(4)
        return values

    def scalar(self):
        choice = self.random.choice
        return choice([
            self.integer, self.floating, self.text, lambda: None, lambda: True, lambda: self.text().encode("utf-8", "surrogatepass"),
            lambda: bytearray(self.random.getrandbits(8) for _ in range(self.random.randrange(4))),
            self.moment, lambda: self.moment().date(), lambda: datetime.timedelta(self.random.randrange(-9, 9), 5, 6),
            lambda: datetime.time(self.random.randrange(24), 1, 2, 3),
            lambda: decimal.Decimal(self.random.choice(["1.10", "-0", "NaN", "Infinity", "1E+10"])),
            lambda: uuid.UUID(int=self.random.getrandbits(128)), lambda: mark_safe(self.text()),
            lambda: fractions.Fraction(self.random.randrange(9), 7), lambda: range(self.random.randrange(9)), lambda: 1 - 2j,
            lambda: pathlib.PurePosixPath("/srv/x"), lambda: siteclasses.Colour.RED, lambda: siteclasses.Level.HIGH,
            lambda: siteclasses.Plain, lambda: siteclasses.Keyword(self.text(), language="de"), lambda: len,
        ])()

    def moment(self):
        zones = [None, UTC, getattr(timezone, "utc", UTC), datetime.timezone(datetime.timedelta(hours=5, minutes=30), "X")]
        if zoneinfo:
            zones.append(zoneinfo.ZoneInfo("Europe/Berlin"))
        return datetime.datetime(2026, self.random.randrange(1, 13), 1, 2, 3, self.random.randrange(60), self.random.randrange(10 ** 6),
                                 tzinfo=self.random.choice(zones), fold=self.random.randrange(2))

    def hashable(self, depth):
        if depth and self.random.random() < 0.3:
            return tuple(self.hashable(depth - 1) for _ in range(self.random.randrange(5)))
        return self.random.choice([self.integer, self.text, self.floating, self.moment, lambda: frozenset([self.integer()]),
                                   lambda: siteclasses.Point(1, 2), lambda: siteclasses.Colour.RED])()

    def any(self, depth):
        if self.made and self.random.random() < 0.2:
            return self.random.choice(self.made)  # the same object again, which may be one that is being made
        value = self.container(depth - 1) if depth > 0 and self.random.random() < 0.6 else self.scalar()
        self.made.append(value)
        return value

    def container(self, depth):
        items = range(self.random.randrange(6))

        def members(empty):
            self.made.append(empty)
            for _ in items:
                empty[self.hashable(1)] = self.any(depth)
            return empty

        def elements(empty):
            self.made.append(empty)
            for _ in items:
                empty.append(self.any(depth))
            return empty

        def plain():
            value = siteclasses.Plain()
            self.made.append(value)
            for _ in items:
                setattr(value, "a%d" % self.random.randrange(9), self.any(depth))
            return value

        def reduced():
            value = siteclasses.Reduced(self.integer())
            self.made.append(value)
            value.items.extend(self.any(depth) for _ in items)
            value.members["m"] = self.any(depth)
            return value

        return self.random.choice([
            lambda: members({}), lambda: members(collections.OrderedDict()), lambda: members(collections.defaultdict(list)),
            lambda: members(siteclasses.Members()), lambda: collections.Counter(self.text()),
            lambda: elements([]), lambda: elements(collections.deque(maxlen=9)), lambda: elements(siteclasses.Items()),
            lambda: tuple(self.any(depth) for _ in items), lambda: tuple(elements([]) for _ in items),
            lambda: {self.hashable(1) for _ in items}, lambda: frozenset(self.hashable(1) for _ in items),
            lambda: siteclasses.Point(self.any(depth), self.any(depth)), lambda: siteclasses.Slots(self.any(depth), self.any(depth)),
            lambda: siteclasses.Stateful(self.any(depth)), plain, reduced,
        ])()


def _sessions(seed, count):
    """The pickles of random sessions, in random protocols."""
    generator = _Generator(seed)
    pickles = []
    while len(pickles) < count:
        session = generator.session()
        try:
            pickles.append(pickle.dumps(session, generator.random.randrange(pickle.HIGHEST_PROTOCOL + 1)))
        except (TypeError, RecursionError, pickle.PicklingError):
            pass  # Python itself cannot write it, in this protocol or at all
    return pickles


_ATOMS = (type(None), bool, int, str, bytes, complex, range, type, types.FunctionType, types.BuiltinFunctionType, types.MethodType)


class _Comparison:
    def __init__(self):
        self.pairs, self.kept = {}, []

    def same(self, a, b, path):
        """Returns where two values differ, or None."""
        if type(a) is not type(b):
            return "%s: %s, not %s" % (path, type(b), type(a))
        if isinstance(a, (type, enum.Enum)):
            return None if a is b else path
        if type(a) in _ATOMS:
            return None if a == b else path
        if type(a) is float:
            return None if repr(a) == repr(b) else path
        if a == () or a == frozenset():
            return None if a == b else path
        if id(a) in self.pairs or id(b) in self.pairs:
            return None if self.pairs.get(id(a)) == id(b) and self.pairs.get(id(b)) == id(a) else path + ": another object"
        self.pairs[id(a)], self.pairs[id(b)] = id(b), id(a)
        self.kept += [a, b]  # so that no id is used again
        if type(a) in (set, frozenset):
            a, b = sorted(a, key=repr), sorted(b, key=repr)
        if type(a) in (list, tuple):
            if len(a) != len(b):
                return path + ": another length"
            return self.first(zip(a, b), path)
        if type(a) is dict:
            if len(a) != len(b):
                return path + ": another length"
            return self.first(zip(a.keys(), b.keys()), path + " key") or self.first(zip(a.values(), b.values()), path)
        parts = [list(self.parts(one)) for one in (a, b)]
        return self.same(parts[0], parts[1], path + "()")

    def parts(self, value):
        reduced = value.__reduce_ex__(4)
        if isinstance(reduced, str):
            return [reduced]
        return [list(part) if n >= 3 and part is not None else part for n, part in enumerate(reduced)]

    def first(self, pairs, path):
        for n, (a, b) in enumerate(pairs):
            wrong = self.same(a, b, "%s.%d" % (path, n))
            if wrong:
                return wrong
        return None


@method
def pickle_random(args):
    """{"seed", "count"}: gives random pickles of sessions, in base64."""
    return [base64.b64encode(one).decode("ascii") for one in _sessions(args["seed"], args["count"])]


@method
def pickle_compare(args):
    """{"seed", "pickles", "set"}: says for each pickle how it differs, but for the key that was set, from that of
    pickle_random at its place; null if it does not, or is null itself."""
    answers = []
    for was, now in zip(_sessions(args["seed"], len(args["pickles"])), args["pickles"]):
        if now is None:
            answers.append(None)
            continue
        was, now = pickle.loads(was), pickle.loads(base64.b64decode(now))
        if now.pop(args["set"], None) is None or list(was) != list(now):
            answers.append("other keys")
            continue
        answers.append(next(filter(None, (_Comparison().same(was[key], now[key], repr(key)) for key in was)), None))
    return answers


@method
def pickle_load(args):
    """{"pickles": [...]}: takes pickles in base64; gives the JSON of each, with the repr of what JSON cannot hold, or the class of
    the exception."""
    import judge

    answers = []
    for one in args["pickles"]:
        try:
            answers.append(json.dumps(pickle.loads(base64.b64decode(one)), default=repr))
        except Exception as exception:
            answers.append(judge.name_of(exception))
    return answers
